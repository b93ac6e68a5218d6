using Rebound.Quantization;

namespace Rebound.Engine.Cpu;

/// <summary>A product of a few rows, rounded to eight bits, with weights in blocks.</summary>
internal unsafe struct RoundedRowsJob : IParallelJob
{
    public MatrixProduct Product;
    public StoredRows Weights;
    public RoundedRows Input;

    /// <summary>Columns of a part.</summary>
    public int Columns;

    public readonly void Execute(int part)
    {
        var sums = stackalloc float[Gemm.MaxSmallBatchRows];
        for (var n = part * Columns; n < Math.Min(Product.N, (part + 1) * Columns); n++)
        {
            var blocks = Weights.Find(n, out var type);
            type.Products!.Multiply(blocks, Input, Product.M, sums);
            for (var row = 0; row < Product.M; row++)
            {
                var addend = Product.Addend == null ? 0 : Product.Addend[(row * Product.StrideAddend) + n];
                Product.C[(row * Product.StrideC) + n] = sums[row] + addend;
            }
        }
    }
}
