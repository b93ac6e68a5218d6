namespace Rebound.Engine.Tests.Reference;

/// <summary>Seeded test inputs that fp32 holds exactly, so that a backend and the fp64 reference see the same numbers.</summary>
internal static class Numbers
{
    /// <summary>Normally distributed fp32 values, as doubles.</summary>
    public static double[] Normal(int count, int seed, double deviation = 1, double mean = 0)
    {
        var random = new Random(seed);
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(mean + (deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble())));
        }

        return values;
    }

    /// <summary>A batch of documents of these lengths with random tokens, about two thirds of them supervised.</summary>
    public static PackedBatch Batch(int[] lengths, int vocabulary = 50, int seed = 1, int[]? firstPositions = null)
    {
        var random = new Random(seed);
        var starts = new int[lengths.Length + 1];
        for (var d = 0; d < lengths.Length; d++)
        {
            starts[d + 1] = starts[d] + lengths[d];
        }

        var tokens = new int[starts[^1]];
        var labels = new int[starts[^1]];
        for (var t = 0; t < tokens.Length; t++)
        {
            tokens[t] = random.Next(vocabulary);
            labels[t] = random.Next(3) == 0 ? PackedBatch.IgnoreLabel : tokens[t];
        }

        return new PackedBatch(tokens, starts, labels, firstPositions);
    }

    /// <summary>Rotary tables [positions, HeadDim/2] with base 10,000, rounded to fp32.</summary>
    public static (double[] Cosines, double[] Sines) RotaryAngles(int positions, int headDim)
    {
        var half = headDim / 2;
        var (cosines, sines) = (new double[positions * half], new double[positions * half]);
        for (var i = 0; i < cosines.Length; i++)
        {
            var angle = i / half * Math.Pow(10_000, -(double)(i % half) / half);
            (cosines[i], sines[i]) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
        }

        return (cosines, sines);
    }
}
