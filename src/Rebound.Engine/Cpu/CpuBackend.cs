using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Rebound.Engine.Cpu;

namespace Rebound.Engine;

/// <summary>The backend that computes in fp32 on the processor's cores.</summary>
public sealed unsafe partial class CpuBackend : Backend
{
    private readonly WorkerPool _pool;
    private readonly Gemm _gemm;

    /// <param name="threads">Threads to compute with, the calling one included; null: one for every core.</param>
    public CpuBackend(int? threads = null)
    {
        if (threads is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "A backend computes with at least one thread.");
        }

        _pool = new WorkerPool(threads ?? Environment.ProcessorCount);
        _gemm = new Gemm(_pool);
    }

    public override string Description =>
        $"cpu ({_pool.Threads} {(_pool.Threads == 1 ? "thread" : "threads")}, {InstructionSet})";

    public override bool IsHostMemory => true;

    private static string InstructionSet =>
        Avx512F.IsSupported ? "AVX-512"
        : Avx2.IsSupported ? "AVX2"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors"
        : "scalar";

    public override Arena Allocate(ArenaPlan plan) => new HostArena(plan);

    public override void CopyFromHost<T>(Tensor destination, ReadOnlySpan<T> source)
    {
        RequireSameCount(destination, source.Length, nameof(CopyFromHost), nameof(destination));
        source.CopyTo(destination.AsSpan<T>());
    }

    public override void CopyToHost<T>(Span<T> destination, Tensor source)
    {
        RequireSameCount(source, destination.Length, nameof(CopyToHost), nameof(source));
        source.AsSpan<T>().CopyTo(destination);
    }

    public override void Fill(Tensor tensor, float value)
    {
        Expect.Floats(tensor, tensor.Shape);
        new Span<float>((void*)tensor.Address, checked((int)tensor.Count)).Fill(value);
    }

    public override void Add(Tensor destination, Tensor source)
    {
        Expect.Floats(destination, destination.Shape);
        Expect.Floats(source, destination.Shape);
        var into = Floats(destination);
        var from = Floats(source);
        for (nint i = 0; i < (nint)destination.Count; i++)
        {
            into[i] += from[i];
        }
    }

    public override void GatherRows(Tensor output, Tensor input, ReadOnlySpan<int> rows)
    {
        Expect.Matrix(input);
        Expect.Floats(output, new Shape(rows.Length, input.Shape[1]));
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)input.Shape[0])
            {
                throw new ShapeException(nameof(GatherRows), nameof(rows), $"of rows 0 to {input.Shape[0] - 1}", $"row {row}");
            }
        }

        Embedding.Forward(Floats(output), Floats(input), rows, input.Shape[1]);
    }

    public override void Dispose()
    {
        _pool.Dispose();
        _gemm.Dispose();
    }

    private static float* Floats(Tensor tensor) => (float*)tensor.Address;

    private static void RequireSameCount(Tensor tensor, int count, string operation, string name)
    {
        if (tensor.Count != count)
        {
            throw new ShapeException(operation, name, $"of {count} elements", tensor.ToString());
        }
    }
}
