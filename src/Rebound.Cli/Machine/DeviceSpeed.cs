using System.Diagnostics;
using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Machine;

/// <summary>How fast a device computes, measured in about a second by the products of which training and generation consist.</summary>
/// <param name="Flops">Operations a second of the products of a batch.</param>
/// <param name="BytesPerSecond">Of weights, in the product of a single row, which generation waits for.</param>
internal sealed record DeviceSpeed(double Flops, double BytesPerSecond)
{
    private const int Width = 1024;

    /// <summary>Products that keep a GPU busy are so much larger in each dimension.</summary>
    private const int GpuScale = 4;

    /// <summary>Rows of weights that no cache holds: 128 MiB in fp32 on the CPU.</summary>
    private const int ManyRows = 32 * Width;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    public static DeviceSpeed Measure(Backend backend)
    {
        var size = backend.IsHostMemory ? Width : GpuScale * Width;
        var batch = BestSeconds(backend, rows: size / 2, outputs: size, inputs: size);
        var single = BestSeconds(backend, rows: 1, outputs: ManyRows, inputs: size);
        return new DeviceSpeed((double)size * size * size / batch, (double)ManyRows * size * backend.ElementType.SizeInBytes() / single);
    }

    /// <summary>The best of several products of [rows, inputs] with a weight of [outputs, inputs].</summary>
    private static double BestSeconds(Backend backend, int rows, int outputs, int inputs)
    {
        var type = backend.ElementType;
        var plan = new ArenaPlan();
        var (input, weight, output) = (
            plan.Add(new TensorSpec("input", new Shape(rows, inputs), type)),
            plan.Add(new TensorSpec("weight", new Shape(outputs, inputs), type)),
            plan.Add(new TensorSpec("output", new Shape(rows, outputs), type)));
        using var arena = backend.Allocate(plan);
        backend.Fill(arena[input], 1);
        backend.Fill(arena[weight], 1);
        var (best, clock) = (double.MaxValue, Stopwatch.StartNew());
        while (clock.Elapsed < Patience || best == double.MaxValue)
        {
            var before = clock.Elapsed;
            backend.LinearForward(arena[output], arena[input], arena[weight], default);
            (backend as CudaBackend)?.Synchronize();
            best = Math.Min(best, (clock.Elapsed - before).TotalSeconds);
        }

        return best;
    }
}
