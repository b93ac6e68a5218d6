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
        TakeLikeliest(Sampling.LikeliestOf(row), logits[..vocabulary], own[token] + loss);
    }

    /// <summary>Inserts every token that is likelier than the last of those taken; ids ascend, so equal ones stay behind.</summary>
    private static void TakeLikeliest(Span<LikelyToken> likeliest, ReadOnlySpan<float> logits, float logSumExp)
    {
        var count = 0;
        for (var token = 0; token < logits.Length && !likeliest.IsEmpty; token++)
        {
            var candidate = new LikelyToken(token, logits[token] - logSumExp);
            if (count == likeliest.Length && !(logits[token] > logits[likeliest[^1].Token]))
            {
                continue;
            }

            var place = count < likeliest.Length ? count++ : count - 1;
            for (; place > 0 && logits[token] > logits[likeliest[place - 1].Token]; place--)
            {
                likeliest[place] = likeliest[place - 1];
            }

            likeliest[place] = candidate;
        }
    }
}
