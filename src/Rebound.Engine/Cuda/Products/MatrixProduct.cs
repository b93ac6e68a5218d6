using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>
/// A kind of product: <c>D = op(A) · op(B)</c> or <c>D += …</c>, column-major, fp32
/// arithmetic. A row-major [R, C] read as column-major is C × R, so row-major products are stated with their factors
/// exchanged.
/// </summary>
/// <param name="M">Rows of D.</param>
/// <param name="N">Columns of D.</param>
/// <param name="K">The inner dimension.</param>
/// <param name="Inputs">Type of A and B.</param>
/// <param name="Output">Type of D, and of the bias.</param>
/// <param name="LeadingA">Elements from one column of A to the next.</param>
/// <param name="Accumulate">D += instead of D =.</param>
/// <param name="Bias">A value for each row of D is added.</param>
/// <param name="AlignmentA">Bytes of which A's address is a multiple, up to the 16 that the widest loads ask for.</param>
internal readonly record struct MatrixProduct(
    long M, long N, long K, bool TransposeA, bool TransposeB, DType Inputs, DType Output, long LeadingA, long LeadingB,
    long LeadingD, bool Accumulate, bool Bias, int AlignmentA, int AlignmentB, int AlignmentD)
{
    private const int LargestAlignment = 16;

    /// <summary>Classes of token counts from one power of two to the next.</summary>
    private const int ClassesOfOctave = 4;

    /// <summary>Multiplications and additions.</summary>
    public double Flops => 2.0 * M * N * K;

    /// <summary>
    /// The product that stands for all of nearly as many tokens, which run fastest with the same algorithm: batches differ
    /// in their tokens, and each is not worth measuring. Tokens are columns of D, or of both factors where gradients of
    /// weights sum over them.
    /// </summary>
    public MatrixProduct OfClass() => TransposeB ? this with { K = ClassOf(K) } : this with { N = ClassOf(N) };

    public static int AlignmentOf(nint address) => (int)Math.Min(LargestAlignment, (ulong)address & (~(ulong)address + 1));

    /// <summary>Rounded up to the end of its class.</summary>
    private static long ClassOf(long tokens)
    {
        var step = Math.Max(1, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)tokens) / 2 / ClassesOfOctave);
        return (tokens + step - 1) / step * step;
    }
}

/// <summary>A product's descriptions as cuBLASLt keeps them, and the algorithm that was chosen.</summary>
internal sealed class ProductPlan : IDisposable
{
    public ProductPlan(in MatrixProduct product)
    {
        Description = CublasLtApi.CreateDescription(CublasComputeType.Float32, CudaDataType.Float32);
        CublasLtApi.Set(Description, ProductAttribute.TransposeA, product.TransposeA ? 1 : 0);
        CublasLtApi.Set(Description, ProductAttribute.TransposeB, product.TransposeB ? 1 : 0);
        CublasLtApi.Set(Description, ProductAttribute.Epilogue, (int)(product.Bias ? ProductEpilogue.Bias : ProductEpilogue.None));
        var (inputs, output) = (TypeOf(product.Inputs), TypeOf(product.Output));
        A = product.TransposeA
            ? CublasLtApi.CreateLayout(inputs, product.K, product.M, product.LeadingA)
            : CublasLtApi.CreateLayout(inputs, product.M, product.K, product.LeadingA);
        B = product.TransposeB
            ? CublasLtApi.CreateLayout(inputs, product.N, product.K, product.LeadingB)
            : CublasLtApi.CreateLayout(inputs, product.K, product.N, product.LeadingB);
        D = CublasLtApi.CreateLayout(output, product.M, product.N, product.LeadingD);
    }

    public CublasLtApi.ProductDescription Description { get; }

    public CublasLtApi.MatrixLayout A { get; }

    public CublasLtApi.MatrixLayout B { get; }

    public CublasLtApi.MatrixLayout D { get; }

    public ProductAlgorithm Algorithm { get; set; }

    public void Dispose()
    {
        Description.Dispose();
        A.Dispose();
        B.Dispose();
        D.Dispose();
    }

    private static CudaDataType TypeOf(DType type) => type == DType.BFloat16 ? CudaDataType.BFloat16 : CudaDataType.Float32;
}
