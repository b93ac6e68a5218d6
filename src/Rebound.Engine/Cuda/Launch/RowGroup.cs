namespace Rebound.Engine.Cuda;

/// <summary>The threads that share a row, which they hold in registers (rms_norm.cu).</summary>
/// <param name="Threads">Whole warps.</param>
/// <param name="IsLong">Each holds more of the row than fits well.</param>
internal readonly record struct RowGroup(int Threads, bool IsLong)
{
    /// <summary>The most threads of a block or a group.</summary>
    public const int BlockThreads = 512;

    private const int WarpThreads = 32;
    private const int WideLoads = 4;
    private const int SingleLoads = 8;
    private const int LongFactor = 4;

    /// <exception cref="ShapeException">The row is too long to be held.</exception>
    public static RowGroup Of(int width, KernelVariant variant, string operation)
    {
        var held = variant.Wide ? WideLoads * variant.Lanes : SingleLoads;
        var isLong = width > BlockThreads * held;
        held *= isLong ? LongFactor : 1;
        if (width > BlockThreads * held)
        {
            throw new ShapeException(operation, "input", $"of rows of up to {BlockThreads * held} elements", $"{width}");
        }

        var threads = (width + held - 1) / held;
        return new RowGroup((threads + WarpThreads - 1) / WarpThreads * WarpThreads, isLong);
    }
}
