namespace Rebound.Engine.Cpu;

/// <summary>Head and cross-entropy over supervised rows, a block of rows at a time.</summary>
internal unsafe struct HeadWithCrossEntropy
{
    /// <summary>Enough rows for matrix products at full speed; more would only take memory.</summary>
    private const int LargestBlock = 256;

    public float* Losses;

    /// <summary>[S, C], or null: forward only.</summary>
    public float* DHidden;

    /// <summary>[V, C], or null.</summary>
    public float* DWeight;

    public float* Hidden;
    public MatrixView Weight;
    public float* Scratch;

    /// <summary>[S], or null: 1 for all.</summary>
    public float* RowWeights;

    public int Width;
    public int Vocabulary;
    public float LossScale;

    public static int BlockRows(int supervisedRows) => Math.Clamp(supervisedRows, 1, LargestBlock);

    public readonly void Run(WorkerPool pool, Gemm gemm, PackedBatch batch)
    {
        var supervised = batch.Targets.Length;
        var block = BlockRows(supervised);
        fixed (int* targets = batch.Targets)
        {
            for (var first = 0; first < supervised; first += block)
            {
                RunBlock(pool, gemm, first, targets + first, Math.Min(block, supervised - first));
            }
        }
    }

    private readonly void RunBlock(WorkerPool pool, Gemm gemm, int first, int* targets, int count)
    {
        var logits = Scratch;
        var hidden = Hidden + ((nint)first * Width);
        Linear.Forward(gemm, logits, hidden, Weight, null, count, Width, Vocabulary, accumulate: false);
        var kernel = new CrossEntropyKernel
        {
            Losses = Losses + first,
            Logits = logits,
            Targets = targets,
            Vocabulary = Vocabulary,
            LossScale = LossScale,
            RowWeights = RowWeights == null ? null : RowWeights + first,
            Gradient = DHidden != null,
        };
        Rows.Run(pool, kernel, count, 2L * Vocabulary * sizeof(float));
        if (DHidden == null)
        {
            return;
        }

        Linear.BackwardInput(gemm, DHidden + ((nint)first * Width), logits, Weight, count, Width, Vocabulary, accumulate: false);
        if (DWeight != null)
        {
            Linear.BackwardWeight(gemm, DWeight, logits, hidden, count, Width, Vocabulary);
        }
    }
}

/// <summary>
/// <c>loss = logSumExp(logits) − logits[target]</c> over rows of logits; with <see cref="Gradient"/> a row becomes
/// <c>(softmax(logits) − onehot(target))·lossScale·rowWeight</c>.
/// </summary>
internal unsafe struct CrossEntropyKernel : IVectorKernel
{
    public float* Losses;
    public float* Logits;
    public int* Targets;
    public int Vocabulary;
    public float LossScale;
    public float* RowWeights;
    public bool Gradient;

    public readonly void Run<V>(int start, int end)
        where V : unmanaged, IFloat32Vector<V>
    {
        for (var r = start; r < end; r++)
        {
            var row = Logits + ((nint)r * Vocabulary);
            var target = row[Targets[r]];
            var largest = Softmax.Largest<V>(row, Vocabulary);
            var sum = SumOfExponentials<V>(row, largest);
            Losses[r] = (float)(Math.Log(sum) + largest - target);
            if (Gradient)
            {
                var scale = RowWeights == null ? LossScale : LossScale * RowWeights[r];
                Softmax.Scale<V>(row, Vocabulary, (float)(scale / sum));
                row[Targets[r]] -= scale;
            }
        }
    }

    /// <summary>
    /// <c>Σ exp(row − largest)</c>, of which the row is left when there is a gradient. Pieces are summed up in fp32
    /// lanes and the pieces in fp64: one fp32 sum over a whole vocabulary would lose the last digits of every
    /// probability, and with them the small gradients of confident rows.
    /// </summary>
    private readonly double SumOfExponentials<V>(float* row, float largest)
        where V : unmanaged, IFloat32Vector<V>
    {
        const int Piece = 512;
        var sum = 0.0;
        for (var first = 0; first < Vocabulary; first += Piece)
        {
            var count = Math.Min(Piece, Vocabulary - first);
            sum += Gradient
                ? Softmax.Exponentials<V>(row + first, count, 1, largest)
                : Softmax.SumOfExponentials<V>(row + first, count, largest);
        }

        return sum;
    }
}
