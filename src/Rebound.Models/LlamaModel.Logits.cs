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

        var workspace = Workspace(batch.TokenCount, backward: false);
        var a = workspace.Activations;
        RunBlocks(new Pass(Weights, workspace.Prepare(batch, rows, cache), RotaryFor(batch)), a, cache);
        for (var start = 0; start < rows.Length; start += Activations.LogitRows)
        {
            var count = Math.Min(Activations.LogitRows, rows.Length - start);
            var block = a.Logits[count];
            Backend.LinearForward(block, a.Hidden[rows.Length].Rows(start, count), Weights[_head], default);
            Backend.CopyToHost(logits.Slice(start * Config.VocabularySize, count * Config.VocabularySize), block);
        }
    }
}
