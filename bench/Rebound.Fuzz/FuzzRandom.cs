namespace Rebound.Fuzz;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): small, and the same numbers for the same seed on every machine and runtime.</summary>
internal sealed class FuzzRandom(ulong state)
{
    private ulong _state = state;

    /// <summary>The generator of one input of one reader: no input depends on those before it.</summary>
    public static FuzzRandom Of(string reader, long seed, long index)
    {
        // FNV-1a over the name; the constants are those of its 64-bit form.
        var hash = reader.Aggregate(0xcbf29ce484222325UL, (sum, unit) => (sum ^ unit) * 0x100000001b3UL);
        return new FuzzRandom(new FuzzRandom(hash + (ulong)seed).Next() + (ulong)index);
    }

    public ulong Next()
    {
        var mixed = _state += 0x9e3779b97f4a7c15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>From 0 up to, not including, <paramref name="end"/>; 0 if there is nothing in between.</summary>
    public int Below(int end) => end <= 0 ? 0 : (int)(Next() % (ulong)end);

    /// <summary>Both ends included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>True once in so many calls.</summary>
    public bool OneIn(int calls) => Below(calls) == 0;

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    /// <summary>Mostly small, now and then large: a length of something that is to be repeated.</summary>
    public int Length(int most) => OneIn(40) ? Between(1, most) : Between(1, Math.Min(most, 1 << Between(0, 7)));
}
