using System.Text.Json;
using Rebound.Checkpoints;
using Rebound.Files.Rows;
using Rebound.Inference.Generation;
using Rebound.Jinja;
using Rebound.Models;
using Rebound.Text;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Parsing;
using Rebound.Trajectories.Rendering;

namespace Rebound.Inference.Chat;

/// <summary>
/// The chat profile of a checkpoint: renderer, end tokens and syntax, from its agent card where it was trained here, and from its chat
/// template elsewhere.
/// </summary>
/// <param name="Card">Null for a model that was not trained here.</param>
/// <param name="EndTokens">The tokens that end the model's turns.</param>
public sealed record ChatProfile(AgentCard? Card, ConversationRenderer Renderer, IReadOnlyList<int> EndTokens)
{
    /// <summary>How the model writes reasoning and calls of tools.</summary>
    public TurnSyntax Syntax { get; init; } = TurnSyntax.Json;

    /// <summary>Special tokens that mark reasoning and calls, which have to be seen to be read.</summary>
    public IReadOnlyList<int> MarkTokens { get; init; } = [];

    /// <summary>
    /// How the model calls tools: as it was trained, and where it was not trained here, natively if its template tells of tools.
    /// </summary>
    public ToolFormat ToolFormat => Card is { } card
        ? ToolFormats.Find(card.ToolFormat) ?? ToolFormat.React
        : Renderer.RendersTools ? ToolFormat.Native : ToolFormat.React;

    /// <summary>How tokens are drawn where a request does not say.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Tokens that the mark which opens reasoning, and the white space behind it, may take.</summary>
    private const int MostOfAMark = 16;

    /// <param name="reasoning">Whether to have it reason before it answers; null for as it was trained, or
    /// what its template does by itself.</param>
    /// <exception cref="DataException">The agent card cannot be read.</exception>
    /// <exception cref="ArgumentException">The model lacks what its renderer needs, such as a chat template, or
    /// cannot be told whether to reason.</exception>
    /// <exception cref="ChatTemplateException">The chat template is none.</exception>
    public static ChatProfile Of(ModelSource source, bool? reasoning = null)
    {
        var card = FindCard(source);
        var renderer = Renderers.Create(
            card?.Renderer ?? ChatTemplateRenderer.RendererName, source.Tokenizer, source.ChatTemplateSource,
            source.BosToken, source.EosToken,
            reasoning ?? card?.Reasoning);
        var ends = card is not null && source.Tokenizer.TryGetId(card.StopToken, out var stop)
            ? [.. source.EndTokenIds.Append(stop).Distinct()]
            : source.EndTokenIds;
        var template = renderer.Name == ChatTemplateRenderer.RendererName ? source.ChatTemplateSource : null;
        return new ChatProfile(card, renderer, ends)
        {
            Syntax = TurnSyntax.Of($"{template?.Default}{template?.ToolUse}"),
            MarkTokens = [
                .. TurnSyntax.AllMarks.Select(mark => source.Tokenizer.TryGetId(mark, out var id) ? id : -1)
                    .Where(id => id >= 0).Except(ends)],
        };
    }

    /// <summary>The card beside the adapter, or else beside the model; null where there is none.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static AgentCard? FindCard(ModelSource source)
    {
        string[] folders = [.. source.Adapter is { } adapter ? [adapter.Location] : Array.Empty<string>(), source.Location];
        return folders.Select(AgentCard.Find).FirstOrDefault(card => card is not null);
    }

    /// <summary>Whether a prompt ends by opening the reasoning, as some templates do.</summary>
    public bool OpensReasoning(int[] prompt, Tokenizer tokenizer) => Syntax.Reasoning is { } marks
        && tokenizer.Decode(prompt.AsSpan(Math.Max(0, prompt.Length - MostOfAMark))).AsSpan().TrimEnd().EndsWith(marks.Open);

    /// <summary>The tokens to feed for the next turn.</summary>
    /// <param name="tools">The schemas of the tools on offer; null for none.</param>
    /// <param name="end">What the model goes on with.</param>
    /// <exception cref="ModelException">The turns, or the tools, cannot be rendered for this model.</exception>
    public int[] Encode(IReadOnlyList<Turn> turns, JsonElement? tools = null, PromptEnd end = PromptEnd.NewTurn)
    {
        if (tools is not null && !Renderer.RendersTools)
        {
            throw new ModelException(
                "the model's chat template does not tell of tools, so it cannot call them natively; ask for actions as text.");
        }

        try
        {
            return end switch
            {
                PromptEnd.LastTurn => Renderer.Continue(turns, tools),
                PromptEnd.Closed => Renderer.Close(turns, tools),
                _ => Renderer.Ask(turns, tools),
            };
        }
        catch (Exception e) when (e is FormatException or ChatTemplateException)
        {
            throw new ModelException($"the conversation cannot be put to the model: {e.Message}", e);
        }
    }
}
