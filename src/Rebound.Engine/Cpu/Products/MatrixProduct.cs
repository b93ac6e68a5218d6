namespace Rebound.Engine.Cpu;

/// <summary>
/// A matrix somewhere in memory: element (i, j) is <c>Data[i · Stride + j]</c>, or <c>Data[j · Stride + i]</c> when
/// <paramref name="Transposed"/>.
/// </summary>
internal readonly unsafe record struct MatrixView(nint Address, nint Stride, bool Transposed = false)
{
    public float* Data => (float*)Address;

    /// <summary>The stored weights whose rows are the lines along <see cref="Stride"/>; null where these are fp32.</summary>
    public StoredRows? Stored { get; private init; }

    /// <summary>A weight matrix [N, K] as it is stored.</summary>
    public static MatrixView Of(Tensor weight) => new(weight.Address, weight.Shape[1])
    {
        Stored = weight.DType == DType.Float32 && weight.Parts is null ? null : new StoredRows(weight),
    };
}

/// <summary>
/// <c>C = A · B</c>, or with an addend <c>C = Addend + A · B</c>; every element's sum over k is formed in the same
/// order, whatever the number of threads.
/// </summary>
internal unsafe struct MatrixProduct
{
    /// <summary>Rows of A and C.</summary>
    public int M;

    /// <summary>Columns of B and C.</summary>
    public int N;

    /// <summary>Columns of A and rows of B; 0 leaves C as the addend, or as zeros without one.</summary>
    public int K;

    /// <summary>[M, K].</summary>
    public MatrixView A;

    /// <summary>[K, N].</summary>
    public MatrixView B;

    /// <summary>[M, N], row-major, apart from A and B.</summary>
    public float* C;

    /// <summary>Elements from one row of C to the next.</summary>
    public nint StrideC;

    /// <summary>The matrix that the product is added to: C itself to accumulate; or null.</summary>
    public float* Addend;

    /// <summary>Elements from one row of the addend to the next; 0 adds the same row, a bias, to all.</summary>
    public nint StrideAddend;

    /// <summary>Whether rows of A may be rounded to eight bits where that is faster.</summary>
    public bool MayRound;

    public static MatrixProduct Of(
        int m, int n, int k, MatrixView a, MatrixView b, float* c, nint strideC, bool accumulate) => new()
        {
            M = m,
            N = n,
            K = k,
            A = a,
            B = b,
            C = c,
            StrideC = strideC,
            Addend = accumulate ? c : null,
            StrideAddend = strideC,
        };

    /// <summary>Writes sums of some rows and columns to C, each with its addend.</summary>
    /// <param name="m">The first row.</param>
    /// <param name="n">The first column.</param>
    /// <param name="sums">Those of a row after those of the row before it.</param>
    /// <param name="stride">From a row of the sums to the next.</param>
    public readonly void Write(int m, int rows, int n, int columns, float* sums, int stride)
    {
        for (var row = m; row < m + rows; row++, sums += stride)
        {
            for (var column = 0; column < columns; column++)
            {
                var addend = Addend == null ? 0 : Addend[(row * StrideAddend) + n + column];
                C[(row * StrideC) + n + column] = sums[column] + addend;
            }
        }
    }
}
