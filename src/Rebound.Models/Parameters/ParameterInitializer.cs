using Rebound.Engine.Cpu;

namespace Rebound.Models.Parameters;

/// <summary>Weights for training from scratch.</summary>
internal static class ParameterInitializer
{
    /// <summary>Values that are drawn before they are written: enough parts for every core of a large machine.</summary>
    private const int ChunkValues = 1 << 22;

    /// <summary>Values that a thread draws at a time.</summary>
    private const int PartValues = 1 << 14;

    /// <summary>
    /// Matrices from a normal distribution of mean 0, norms 1, biases 0, as transformers initializes the family. An
    /// element depends on the seed, its tensor and its index alone, whichever of the cores drew it.
    /// </summary>
    public static void Initialize(ParameterSet weights, float standardDeviation, ulong seed)
    {
        var table = weights.Table.Parameters;
        var largest = table.Where(spec => spec.Shape.Rank > 1).Max(spec => spec.Shape.Count);
        using var cores = new WorkerPool(Environment.ProcessorCount);
        var chunk = new float[Math.Min(largest, ChunkValues)];
        for (var parameter = 0; parameter < table.Count; parameter++)
        {
            var spec = table[parameter];
            if (spec.Shape.Rank == 1)
            {
                var value = spec.Name.EndsWith(".bias", StringComparison.Ordinal) ? 0f : 1f;
                weights.Write(parameter, 0, Enumerable.Repeat(value, (int)spec.Shape.Count).ToArray());
                continue;
            }

            var random = new CounterRandom(seed, (ulong)parameter);
            for (long first = 0; first < spec.Shape.Count; first += chunk.Length)
            {
                var count = (int)Math.Min(chunk.Length, spec.Shape.Count - first);
                var job = new DrawJob
                {
                    Values = chunk.AsMemory(0, count),
                    Random = random,
                    First = first,
                    StandardDeviation = standardDeviation,
                };
                cores.Run(ref job, (count + PartValues - 1) / PartValues);
                weights.Write(parameter, first, chunk.AsSpan(0, count));
            }
        }
    }

    private struct DrawJob : IParallelJob
    {
        public Memory<float> Values;
        public CounterRandom Random;
        public long First;
        public float StandardDeviation;

        public readonly void Execute(int part)
        {
            var start = part * PartValues;
            var values = Values.Span[start..Math.Min(start + PartValues, Values.Length)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = StandardDeviation * (float)Random.Normal((ulong)(First + start + i));
            }
        }
    }
}
