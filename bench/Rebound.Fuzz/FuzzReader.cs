using Rebound.Fuzz.Mutation;

namespace Rebound.Fuzz;

/// <summary>Something that reads what others wrote, and how it is fed.</summary>
/// <param name="Name">As the command line and the tables have it.</param>
/// <param name="Mutator">How valid inputs are spoilt.</param>
/// <param name="Seeds">Valid inputs: each must be accepted as it is.</param>
/// <param name="Open">Makes what reads one input after the other.</param>
internal sealed record FuzzReader(
    string Name, IMutator Mutator, Func<Workbench, IReadOnlyList<byte[]>> Seeds, Func<Workbench, Action<byte[]>> Open)
{
    /// <summary>Bytes of an input at most: the bounds on memory are for inputs under one mebibyte.</summary>
    public const int MostBytes = (1 << 20) - 1;

    /// <summary>Bytes of memory that an input may take.</summary>
    public long MostMemory { get; init; } = 1L << 30;

    /// <summary>An input by its number: first the seeds as they are, then spoilt ones.</summary>
    public static byte[] Input(FuzzReader reader, IReadOnlyList<byte[]> seeds, long seed, long index)
    {
        if (index < seeds.Count)
        {
            return seeds[(int)index];
        }

        var random = FuzzRandom.Of(reader.Name, seed, index);
        var spoilt = reader.Mutator.Mutate(random.Pick(seeds), seeds, random);
        return spoilt.Length <= MostBytes ? spoilt : spoilt[..MostBytes];
    }
}
