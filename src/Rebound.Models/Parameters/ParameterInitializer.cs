using Rebound.Engine;

namespace Rebound.Models.Parameters;

/// <summary>Weights for training from scratch.</summary>
internal static class ParameterInitializer
{
    /// <summary>
    /// Matrices from a normal distribution of mean 0, norms 1, biases 0, as transformers initializes the family. An
    /// element depends on the seed, its tensor and its index alone.
    /// </summary>
    public static void Initialize(ParameterSet weights, float standardDeviation, ulong seed)
    {
        for (var parameter = 0; parameter < weights.Table.Parameters.Count; parameter++)
        {
            var spec = weights.Table.Parameters[parameter];
            var tensor = weights[parameter];
            if (spec.Shape.Rank == 1)
            {
                weights.Backend.Fill(tensor, spec.Name.EndsWith(".bias", StringComparison.Ordinal) ? 0 : 1);
                continue;
            }

            var random = new CounterRandom(seed, (ulong)parameter);
            var row = new float[spec.Shape[1]];
            for (var r = 0; r < spec.Shape[0]; r++)
            {
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = standardDeviation * (float)random.Normal(((ulong)r * (ulong)row.Length) + (ulong)i);
                }

                weights.Write(parameter, (long)r * row.Length, row);
            }
        }
    }
}
