using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Data;

/// <summary>The documents that the settings ask for, rendered for their model: what training reads and `data render` writes.</summary>
/// <param name="Limit">The length limit, with what it met.</param>
internal sealed record RenderedData(Dataset Dataset, ConversationRenderer Renderer, LengthLimit Limit)
{
    /// <summary>Tokens of a document at most, as the NAT reference has it.</summary>
    private const int ReferenceMaxLength = 4096;

    /// <exception cref="ArgumentException">The model lacks what the renderer needs.</exception>
    /// <exception cref="InputException">The length is beyond the model, or rows are bad.</exception>
    /// <exception cref="DataException">A file cannot be used.</exception>
    /// <exception cref="ExcessLengthException">A document is too long, and that was to be an error.</exception>
    public static RenderedData Load(DocumentSettings settings, TextSource text, CancellationToken interrupted)
    {
        var limit = new LengthLimit(MaxLength(settings, text.ContextLength ?? int.MaxValue), settings.ExcessLength);
        var reasoning = settings.Reasoning ?? AgentCard.Find(text.Location)?.Reasoning;
        var renderer = Renderers.Create(settings.Renderer, text.Tokenizer, text.ChatTemplate, text.BosToken, text.EosToken, reasoning);
        try
        {
            var dataset = Dataset.LoadAsync(settings.Data, renderer, limit, interrupted).GetAwaiter().GetResult();
            return new RenderedData(dataset, renderer, limit);
        }
        catch (DataException e) when (e.Fault == RowFault.WithoutQuestion || e.Rows is { Good: 0 } || (!settings.Data.SkipBadRows && e.Row is not null))
        {
            throw BadRowsView.Refusal(e);
        }
    }

    private static int MaxLength(DocumentSettings settings, int contextLength)
    {
        var length = settings.MaxLength ?? Math.Min(ReferenceMaxLength, contextLength);
        return length <= contextLength
            ? length
            : throw new InputException($"--model-max-length is {length}, and the model takes at most {contextLength} tokens.");
    }
}
