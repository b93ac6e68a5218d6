namespace Rebound.Calculation.Simplification;

/// <summary>The exponents of a polynomial's generators in one term, ordered by the first that differs.</summary>
internal readonly struct Monomial(int[] exponents) : IEquatable<Monomial>, IComparable<Monomial>
{
    public int this[int generator] => exponents[generator];

    public int Count => exponents.Length;

    public static Monomial operator *(Monomial a, Monomial b) => new([.. a.Zip(b, (x, y) => checked(x + y))]);

    public static Monomial operator /(Monomial a, Monomial b) => new([.. a.Zip(b, (x, y) => x - y)]);

    public static bool operator <(Monomial a, Monomial b) => a.CompareTo(b) < 0;

    public static bool operator >(Monomial a, Monomial b) => a.CompareTo(b) > 0;

    public static bool operator <=(Monomial a, Monomial b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Monomial a, Monomial b) => a.CompareTo(b) >= 0;

    public static bool operator ==(Monomial a, Monomial b) => a.Equals(b);

    public static bool operator !=(Monomial a, Monomial b) => !a.Equals(b);

    public static Monomial One(int generators) => new(new int[generators]);

    public static Monomial Of(int generators, int generator, int exponent) =>
        new([.. Enumerable.Range(0, generators).Select(i => i == generator ? exponent : 0)]);

    public bool IsDivisibleBy(Monomial other) => Zip(other, (x, y) => x >= y).All(holds => holds);

    /// <summary>The monomial with a generator's exponent set to zero.</summary>
    public Monomial Without(int generator)
    {
        var rest = (int[])exponents.Clone();
        rest[generator] = 0;
        return new(rest);
    }

    public int CompareTo(Monomial other) => Zip(other, (x, y) => x.CompareTo(y)).FirstOrDefault(order => order != 0);

    public bool Equals(Monomial other) => exponents.AsSpan().SequenceEqual(other.Exponents);

    public override bool Equals(object? obj) => obj is Monomial other && Equals(other);

    public override int GetHashCode() => exponents.Aggregate(17, (hash, exponent) => (hash * 31) + exponent);

    private int[] Exponents => exponents;

    private IEnumerable<T> Zip<T>(Monomial other, Func<int, int, T> join) => exponents.Zip(other.Exponents, join);
}
