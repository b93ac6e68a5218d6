namespace Rebound.Engine.Cpu;

/// <summary>Rows and drawn tokens on the CPU, in plain arrays.</summary>
internal sealed class CpuSampling : PreparedSampling
{
    private readonly (SampledToken[] Tokens, LikelyToken[] Likeliest, int Count)[] _slots = new (SampledToken[], LikelyToken[], int)[Slots];

    public CpuSampling(Device device, int rows, int vocabulary, int threads)
        : base(device, rows, vocabulary)
    {
        Samplers = new Sampler[Math.Min(rows, threads)];
        (Drawn, LogProbabilities) = (new int[rows], new float[rows]);
        Likeliest = new LikelyToken[rows * SamplingRow.MostLikeliest];
        for (var slot = 0; slot < Slots; slot++)
        {
            _slots[slot] = (new SampledToken[rows], new LikelyToken[Likeliest.Length], 0);
        }
    }

    /// <summary>One for each thread that draws, made when first needed.</summary>
    public Sampler?[] Samplers { get; }

    /// <summary>[capacity] token ids.</summary>
    public int[] Drawn { get; }

    /// <summary>[capacity].</summary>
    public float[] LogProbabilities { get; }

    /// <summary>[capacity, <see cref="SamplingRow.MostLikeliest"/>].</summary>
    public LikelyToken[] Likeliest { get; }

    /// <summary>The places of a row's likeliest tokens.</summary>
    public Span<LikelyToken> LikeliestOf(int row) =>
        Likeliest.AsSpan(row * SamplingRow.MostLikeliest, Drawn[row] < 0 ? 0 : LikeliestCount(row));

    public override void Dispose()
    {
    }

    private protected override void RefillCore()
    {
    }

    private protected override void CollectCore(int slot)
    {
        ref var kept = ref _slots[slot];
        kept.Count = Count;
        for (var row = 0; row < Count; row++)
        {
            var likeliest = LikeliestOf(row);
            var place = kept.Likeliest.AsMemory(row * SamplingRow.MostLikeliest, likeliest.Length);
            likeliest.CopyTo(place.Span);
            kept.Tokens[row] = new SampledToken(Drawn[row], LogProbabilities[row], place);
        }
    }

    private protected override ReadOnlySpan<SampledToken> ReadCore(int slot) => _slots[slot].Tokens.AsSpan(0, _slots[slot].Count);
}
