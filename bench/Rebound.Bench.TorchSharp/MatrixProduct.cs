using System.Diagnostics;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Rebound.Bench.TorchSharp;

/// <summary>A product of 1024³.</summary>
internal static class MatrixProduct
{
    private const int Size = 1024;
    private const double Seconds = 0.7;

    /// <summary>Its best rate and its error, as JSON.</summary>
    public static string Measure(int threads)
    {
        set_num_threads(threads);
        random.manual_seed(0);
        using var scope = NewDisposeScope();
        var (a, b) = (randn(Size, Size), randn(Size, Size));
        var exact = a.to(float64).mm(b.to(float64));
        var error = ((a.mm(b) - exact).abs().max() / exact.abs().max()).item<double>();
        var (best, begin) = (double.PositiveInfinity, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < Seconds)
        {
            var start = Stopwatch.GetTimestamp();
            a.mm(b).Dispose();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return JsonSerializer.Serialize(new { kernel = "libtorch's", gflops = 2e-9 * Size * Size * Size / best, error });
    }
}
