namespace Rebound.Engine.Cpu;

/// <summary>
/// A vector of fp32 lanes with operators, so that a kernel is written once for every width: the JIT compiles a generic
/// kernel anew for each of the implementing structures, with all of their members inlined. A loop over
/// <see cref="Count"/> lanes at a time ends with the same step on <see cref="Float32x1"/> for its remainder; on that alone
/// it is the scalar version.
/// </summary>
internal unsafe interface IFloat32Vector<TSelf>
    where TSelf : unmanaged, IFloat32Vector<TSelf>
{
    /// <summary>Lanes of a vector.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(float* source);

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Of(float value);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary><c>a·b + c</c>, rounded once where the hardware can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger; where <paramref name="right"/> is not a number, not a number.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The smaller; where <paramref name="right"/> is not a number, not a number.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf Sqrt(TSelf value);

    /// <summary>To the nearest whole number.</summary>
    static abstract TSelf Round(TSelf value);

    /// <summary><c>value · 2^exponent</c> for whole exponents from −252 to 254, rounded once where the result is subnormal.</summary>
    static abstract TSelf Scale(TSelf value, TSelf exponent);

    /// <summary><c>Σ left·right</c>, every product and sum in fp64, over whole vectors.</summary>
    /// <param name="count">A multiple of <see cref="Count"/>.</param>
    static abstract double WideDot(float* left, float* right, int count);

    void Store(float* destination);

    /// <summary>The sum of the lanes.</summary>
    float Sum();

    /// <summary>The largest lane.</summary>
    float Largest();
}
