using Rebound.Agents.Models;
using Rebound.Models;
using Rebound.Models.Checkpoints;
using Rebound.Models.Generation;
using Rebound.Text;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;

namespace Rebound.Inference;

/// <summary>How a checkpoint is asked: as it was trained, where an agent card is beside it, and by its chat template elsewhere.</summary>
/// <param name="Card">Null for a model that was not trained here.</param>
/// <param name="EndTokens">The tokens that end the model's turns.</param>
public sealed record AskedModel(AgentCard? Card, ConversationRenderer Renderer, IReadOnlyList<int> EndTokens)
{
    /// <summary>How tokens are drawn where a request does not say.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <exception cref="DataException">The agent card cannot be read.</exception>
    /// <exception cref="ArgumentException">The model lacks what its renderer needs, such as a chat template.</exception>
    /// <exception cref="ChatTemplateException">The chat template is none.</exception>
    public static AskedModel Of(ModelSource source)
    {
        var card = FindCard(source);
        var renderer = Renderers.Create(
            card?.Renderer ?? ChatTemplateRenderer.RendererName, source.Tokenizer, source.ChatTemplateSource, source.BosToken, source.EosToken);
        return card is not null && source.Tokenizer.TryGetId(card.StopToken, out var stop)
            ? new AskedModel(card, renderer, [.. source.EndTokenIds.Append(stop).Distinct()])
            : new AskedModel(card, renderer, source.EndTokenIds);
    }

    /// <summary>The card beside the adapter, or else beside the model; null where there is none.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static AgentCard? FindCard(ModelSource source)
    {
        string[] folders = [.. source.Adapter is { } adapter ? [adapter.Location] : Array.Empty<string>(), source.Location];
        return folders.Select(AgentCard.Find).FirstOrDefault(card => card is not null);
    }

    /// <summary>Writes a card into a model's folder.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void WriteCard(AgentCard card, string folder) => JsonFile.Write(Path.Combine(folder, AgentCard.FileName), card.ToJson());

    /// <summary>The tokens to feed for the next turn.</summary>
    /// <exception cref="ModelException">The turns cannot be rendered for this model.</exception>
    public int[] Encode(IReadOnlyList<Turn> turns)
    {
        try
        {
            return Renderer.Ask(turns);
        }
        catch (Exception e) when (e is FormatException or ChatTemplateException)
        {
            throw new ModelException($"the conversation cannot be put to the model: {e.Message}", e);
        }
    }
}
