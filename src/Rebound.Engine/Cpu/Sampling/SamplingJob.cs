using System.Numerics.Tensors;

namespace Rebound.Engine.Cpu;

/// <summary>Draws for rows of logits, each sampler for every so manieth row.</summary>
internal unsafe struct SamplingJob : IParallelJob
{
    public CpuSampling Sampling;

    /// <summary>[logit rows, V].</summary>
    public float* Logits;

    public int First;
    public int Count;

    /// <summary>How many samplers share the rows.</summary>
    public int Parts;

    public readonly void Execute(int part)
    {
        var sampler = Sampling.Samplers[part] ??= new Sampler(Sampling.Vocabulary);
        for (var row = First + part; row < First + Count; row += Parts)
        {
            Draw(sampler, row);
        }
    }

    private readonly void Draw(Sampler sampler, int row)
    {
        var (asked, vocabulary) = (Sampling.Rows[row], Sampling.Vocabulary);
        var own = Logits + ((nint)(Sampling.FirstLogitRow(row) - Sampling.FirstLogitRow(First)) * vocabulary);
        var logits = new ReadOnlySpan<float>(own, asked.LogitRows * vocabulary);
        var largest = TensorPrimitives.MaxMagnitude(logits);
        if (!float.IsFinite(largest))
        {
            (Sampling.Drawn[row], Sampling.LogProbabilities[row]) = (-1, largest);
            return;
        }

        var token = sampler.Choose(logits, asked);
        float loss;
        var kernel = new CrossEntropyKernel { Losses = &loss, Logits = own, Targets = &token, Vocabulary = vocabulary };
        Simd.Run(ref kernel, 0, 1);
        (Sampling.Drawn[row], Sampling.LogProbabilities[row]) = (token, -loss);
        LogitStatistics.TakeLikeliest(Sampling.LikeliestOf(row), logits[..vocabulary], own[token] + loss);
    }
}
