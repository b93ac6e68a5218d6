using Rebound.Engine;
using Rebound.Models.Layers;

namespace Rebound.Models;

public sealed partial class LlamaModel
{
    /// <summary>The logits of every token of a batch.</summary>
    /// <param name="logits">[T, V] host memory, =.</param>
    /// <exception cref="ArgumentException">A token or position is outside of what the model has.</exception>
    public void Logits(PackedBatch batch, Span<float> logits)
    {
        var rows = new int[batch.TokenCount];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = row;
        }

        Logits(batch, rows, logits);
    }

    /// <summary>The logits of chosen tokens of a batch.</summary>
    /// <param name="rows">[R] rows of the batch.</param>
    /// <param name="logits">[R, V] host memory, =.</param>
    /// <exception cref="ArgumentException">A token or position is outside of what the model has.</exception>
    public void Logits(PackedBatch batch, ReadOnlySpan<int> rows, Span<float> logits) =>
        Logits(batch, rows, logits, null);

    /// <summary>The logits of chosen tokens of a batch whose sequences began earlier.</summary>
    /// <param name="cache">Where keys and values of the batch go and earlier ones are; null for none.</param>
    public void Logits(PackedBatch batch, ReadOnlySpan<int> rows, Span<float> logits, KeyValueCacheView? cache)
    {
        if (logits.Length != (long)rows.Length * Config.VocabularySize)
        {
            throw new ArgumentException(
                $"{rows.Length} rows of {Config.VocabularySize} logits do not fit {logits.Length} elements.", nameof(logits));
        }

        var a = Forward(batch, rows, cache);
        for (var start = 0; start < rows.Length; start += a.LogitRows)
        {
            var count = Math.Min(a.LogitRows, rows.Length - start);
            Backend.CopyToHost(
                logits.Slice(start * Config.VocabularySize, count * Config.VocabularySize),
                Head(a, rows.Length, start, count, cache is not null));
        }
    }

    /// <summary>Draws a token after each of chosen tokens of a batch; their logits stay in the backend's memory.</summary>
    /// <param name="rows">
    /// [read rows + logit rows] rows of the batch: those that are read, then those to be drawn for, of a guided row one after the other.
    /// </param>
    /// <param name="sources">[T] the rows that tokens of the batch were drawn for before, −1 for its own; empty where all are.</param>
    /// <param name="draws">Filled with the rows to be drawn for; they have what was drawn afterwards.</param>
    /// <param name="cache">Where keys and values of the batch go and earlier ones are; null for none.</param>
    /// <param name="reader">Reads logits on the host, which waits for them; null where none are read.</param>
    /// <exception cref="ArgumentException">A token or position is outside of what the model has.</exception>
    public void Sample(
        PackedBatch batch, ReadOnlySpan<int> rows, ReadOnlySpan<int> sources, in SamplingRange draws, KeyValueCacheView? cache,
        ILogitReader? reader = null)
    {
        var read = reader?.Rows ?? 0;
        if (rows.Length != read + draws.LogitRows)
        {
            throw new ArgumentException(
                $"{draws.LogitRows} rows of logits are to be drawn from and {read} to be read, and {rows.Length} are chosen.",
                nameof(rows));
        }

        var a = Forward(batch, rows, cache, sources, draws.Sampling);
        if (reader is not null)
        {
            Read(a, rows.Length, reader);
        }

        Draw(a, rows.Length, read, draws);
    }

    /// <summary>
    /// As <see cref="Sample"/>, of a batch of one token for each document, all of them chosen. For batches of a size that has been there
    /// the operations are recorded, and enqueued by one call.
    /// </summary>
    /// <param name="rows">[T] all rows of the batch.</param>
    /// <param name="cache">Of a batch that is not whole.</param>
    public void Decode(
        PackedBatch batch, ReadOnlySpan<int> rows, ReadOnlySpan<int> sources, SamplingRange draws, KeyValueCacheView cache)
    {
        var documents = batch.DocumentCount;
        if (batch.TokenCount != documents || !IsAll(rows, documents) || draws.LogitRows != documents || cache.BatchIsWhole)
        {
            throw new ArgumentException(
                $"A batch of {batch.TokenCount} tokens, {documents} documents and {rows.Length} chosen rows, from which "
                + $"{draws.LogitRows} rows of logits are drawn {(cache.BatchIsWhole ? "without" : "with")} a cache, is none to decode.",
                nameof(batch));
        }

        var workspace = Workspace(documents, backward: false);
        var a = workspace.Activations;
        var step = workspace.Decoding(DecodingSize.Of(documents, cache.Table, draws.Count));
        step.Batch.Refill(batch, rows, cache.Table, sources);
        Backend.FeedDrawn(step.Batch, draws.Sampling);
        var rotary = _rotary.Covering(Math.Min(Config.ContextLength, step.Batch.Capacity.SequencePages * PageTable.PageTokens));
        if (draws.Count == documents || documents <= a.LogitRows)
        {
            step.Run(Enqueue, new DecodingMemory(draws, cache.Pages, rotary));
        }
        else
        {
            // Guided rows decide where logits are cut into blocks, and are others each time.
            Enqueue();
        }

        void Enqueue()
        {
            RunBlocks(new Pass(Weights, step.Batch, rotary, MayRound: true), a, cache);
            Draw(a, documents, skipped: 0, draws);
        }
    }

    /// <summary>Lets the host read the logits of the first of the rows that the head reads.</summary>
    private void Read(Activations a, int hiddenRows, ILogitReader reader)
    {
        var most = Math.Min(a.LogitRows, reader.Logits.Length / Config.VocabularySize);
        for (var start = 0; start < reader.Rows; start += most)
        {
            var count = Math.Min(most, reader.Rows - start);
            Backend.CopyToHost(reader.Logits[..(count * Config.VocabularySize)], Head(a, hiddenRows, start, count, mayRound: true));
            reader.Read(start, count);
        }
    }

    /// <summary>Draws a token from the logits of each of the rows that the head reads.</summary>
    /// <param name="skipped">Rows before those, from which none is drawn.</param>
    private void Draw(Activations a, int hiddenRows, int skipped, in SamplingRange draws)
    {
        for (var (first, end) = (draws.First, draws.First); first < draws.End; first = end)
        {
            var start = draws.LogitRow(first);
            while (end < draws.End && draws.LogitRow(end + 1) - start <= a.LogitRows)
            {
                end++;
            }

            var logits = Head(a, hiddenRows, skipped + start, draws.LogitRow(end) - start, mayRound: true);
            Backend.Sample(draws.Sampling, logits, first, end - first);
        }
    }

    /// <summary>Computes the hidden states that the head reads.</summary>
    /// <param name="sources">[T] rows of <paramref name="drawn"/> that tokens come from, −1 for its own; empty where all are.</param>
    /// <param name="drawn">Null where all tokens are the batch's own.</param>
    private Activations Forward(
        PackedBatch batch, ReadOnlySpan<int> rows, KeyValueCacheView? cache, ReadOnlySpan<int> sources = default,
        PreparedSampling? drawn = null)
    {
        var workspace = Workspace(batch.TokenCount, backward: false);
        var prepared = workspace.Prepare(batch, rows, cache, sources);
        if (drawn is not null)
        {
            Backend.FeedDrawn(prepared, drawn);
        }

        RunBlocks(new Pass(Weights, prepared, RotaryFor(batch), MayRound: cache is not null), workspace.Activations, cache);
        return workspace.Activations;
    }

    /// <summary>The logits of some of the hidden rows, until the next ones are computed.</summary>
    private Tensor Head(Activations a, int hiddenRows, int start, int count, bool mayRound)
    {
        var logits = a.Logits[count];
        Backend.LinearForward(logits, a.Hidden[hiddenRows].Rows(start, count), Weights[_head], default, mayRound: mayRound);
        return logits;
    }
}
