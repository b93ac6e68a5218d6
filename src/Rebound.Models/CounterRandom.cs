namespace Rebound.Models;

/// <summary>
/// Random numbers as a function of (seed, stream, index), so that a draw depends neither on the order of draws nor on
/// what else is drawn: SplitMix64's finalizer over a counter (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
/// number generators").
/// </summary>
public readonly struct CounterRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong _key;

    public CounterRandom(ulong seed, ulong stream) => _key = Mix(Mix(seed + Golden) + (Golden * (stream + 1)));

    /// <summary>A seed for another generator.</summary>
    public ulong Seed => _key;

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double Uniform(ulong index) => (Mix(_key + (Golden * (index + 1))) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal, by Box and Muller; uses the uniforms 2·index and 2·index + 1.</summary>
    public double Normal(ulong index)
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform(2 * index)));
        return radius * Math.Cos(2 * Math.PI * Uniform((2 * index) + 1));
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
