using Rebound.Engine;

namespace Rebound.Bench;

/// <content>Products of decoding, whose floor is reading the weights.</content>
internal sealed partial class CudaOpsBench
{
    /// <summary>Bytes of weights to go through in turns, which no cache holds.</summary>
    private const long UncachedBytes = 400L << 20;

    private void FewRows()
    {
        foreach (var rows in new[] { 1, 8, 16, 32, 64, 65, 128 })
        {
            Product("query, key, value", rows, 3 * Hidden, Hidden, normed: true);
            Product("attention output", rows, Hidden, Hidden);
            Product("gate and up", rows, 2 * FeedForward, Hidden, normed: true, gated: true);
            Product("down", rows, Hidden, FeedForward);
        }

        foreach (var rows in new[] { 1, 64 })
        {
            Product("SmolLM2's query, key, value", rows, 960, 576, normed: true);
            Product("SmolLM2's gate and up", rows, 3072, 576, normed: true, gated: true);
            Product("SmolLM2's down", rows, 576, 1536);
        }
    }

    private void Product(string name, int rows, int outer, int inner, bool normed = false, bool gated = false)
    {
        var bytes = (double)outer * inner * BFloat16Bytes;
        var weights = Enumerable.Range(0, (int)(UncachedBytes / bytes) + 1).Select(_ => New(outer, inner)).ToArray();
        var (output, half, residual) = (New(rows, outer), New(rows, outer / 2), New(rows, outer));
        var input = new NormedInput(New(rows, inner), New(inner), 1e-5f, New(rows, inner), NewFloats(rows));
        var next = 0;
        Measure($"{rows} × {name}", bytes, 0, () =>
        {
            var weight = weights[next++ % weights.Length];
            if (gated)
            {
                _backend.NormGatedForward(half, output, input, weight, default);
            }
            else if (normed)
            {
                _backend.NormLinearForward(output, input, weight, default);
            }
            else
            {
                _backend.LinearForward(output, input.Input, weight, default, residual);
            }
        });
        Release();
    }
}
