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
                logits.Slice(start * Config.VocabularySize, count * Config.VocabularySize), Head(a, rows.Length, start, count));
        }
    }

    /// <summary>Draws a token after each of chosen tokens of a batch; their logits stay in the backend's memory.</summary>
    /// <param name="rows">[logit rows] rows of the batch, those of a guided row one after the other.</param>
    /// <param name="sampling">Filled with the rows to be drawn for; it has what was drawn afterwards.</param>
    /// <param name="cache">Where keys and values of the batch go and earlier ones are; null for none.</param>
    /// <exception cref="ArgumentException">A token or position is outside of what the model has.</exception>
    public void Sample(PackedBatch batch, ReadOnlySpan<int> rows, PreparedSampling sampling, KeyValueCacheView? cache)
    {
        if (rows.Length != sampling.LogitRows)
        {
            throw new ArgumentException(
                $"{sampling.LogitRows} rows of logits are to be drawn from, and {rows.Length} are chosen.", nameof(rows));
        }

        var a = Forward(batch, rows, cache);
        for (var (first, end) = (0, 0); first < sampling.Count; first = end)
        {
            var start = sampling.FirstLogitRow(first);
            while (end < sampling.Count && sampling.FirstLogitRow(end + 1) - start <= a.LogitRows)
            {
                end++;
            }

            Backend.Sample(sampling, Head(a, rows.Length, start, sampling.FirstLogitRow(end) - start), first, end - first);
        }
    }

    /// <summary>Computes the hidden states that the head reads.</summary>
    private Activations Forward(PackedBatch batch, ReadOnlySpan<int> rows, KeyValueCacheView? cache)
    {
        var workspace = Workspace(batch.TokenCount, backward: false);
        var a = workspace.Activations;
        RunBlocks(new Pass(Weights, workspace.Prepare(batch, rows, cache), RotaryFor(batch)), a, cache);
        return a;
    }

    /// <summary>The logits of some of the hidden rows, until the next ones are computed.</summary>
    private Tensor Head(Activations a, int hiddenRows, int start, int count)
    {
        var logits = a.Logits[count];
        Backend.LinearForward(logits, a.Hidden[hiddenRows].Rows(start, count), Weights[_head], default);
        return logits;
    }
}
