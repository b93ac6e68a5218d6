using Rebound.Files.Messages;
using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Documents;

/// <summary>Trajectories rendered for a model: the documents that training reads and <c>data render</c> writes.</summary>
/// <param name="Limit">The length limit, with what it met.</param>
public sealed record RenderedData(Dataset Dataset, ConversationRenderer Renderer, LengthLimit Limit)
{
    /// <summary>Tokens of a document at most, as the NAT reference has it.</summary>
    private const int ReferenceMaxLength = 4096;

    /// <param name="text">Of the model that reads them.</param>
    /// <param name="cache">Where rendered data are kept; null for memory alone.</param>
    /// <exception cref="ArgumentException">The model lacks what the renderer needs.</exception>
    /// <exception cref="OptionsException">The length is beyond the model.</exception>
    /// <exception cref="DataException">A file cannot be used, or rows are bad.</exception>
    /// <exception cref="ExcessLengthException">A document is too long, and that was to be an error.</exception>
    public static RenderedData Load(
        DatasetOptions data, RenderingOptions options, TextSource text, DataCache? cache = null,
        CancellationToken cancellation = default)
    {
        OptionsException.ThrowIfAny(options.Validate());
        var limit = new LengthLimit(MaxLength(options, text.ContextLength ?? int.MaxValue), options.ExcessLength);
        var reasoning = options.Reasoning ?? (text.Location is { } location ? AgentCard.Find(location)?.Reasoning : null);
        var renderer = Renderers.Create(options.Renderer, text.Tokenizer, text.ChatTemplate, text.BosToken, text.EosToken, reasoning);
        var dataset = cache?.Load(data, renderer, limit, text, cancellation)
            ?? Dataset.LoadAsync(data, renderer, limit, cancellation).GetAwaiter().GetResult();
        return new RenderedData(dataset, renderer, limit);
    }

    private static int MaxLength(RenderingOptions options, int contextLength)
    {
        const string name = nameof(RenderingOptions.MaxLength);
        var length = options.MaxLength ?? Math.Min(ReferenceMaxLength, contextLength);
        return length <= contextLength
            ? length
            : throw new OptionsException(name, $"{new OptionName(name)} is {length}, and the model takes at most {contextLength} tokens.");
    }
}
