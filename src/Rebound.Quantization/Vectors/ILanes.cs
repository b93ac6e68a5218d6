namespace Rebound.Quantization;

/// <summary>
/// A vector of fp32 lanes as the runtime's own type, for kernels that fill the register file: the JIT keeps two dozen accumulators in
/// registers when they are plain vectors, and stores them at every step when they are structures around vectors. Lanes may also
/// hold 32 bits that are no number, such as codes of blocks on their way to one.
/// </summary>
public unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Lanes of a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Whether <see cref="Lookup"/> is one instruction; where not, it is not to be called.</summary>
    static abstract bool HasLookup { get; }

    /// <summary>1, 2, 4 … as bits.</summary>
    static abstract TVector PowersOfTwo { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector vector, float* destination);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary><c>a · b + c</c>, rounded once where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract float Sum(TVector vector);

    /// <summary>Bytes as bits, zeros above them.</summary>
    static abstract TVector Bytes(byte* source);

    /// <summary>Signed bytes as signed integers.</summary>
    static abstract TVector SignedBytes(byte* source);

    /// <summary>16 bits, zeros above them.</summary>
    static abstract TVector Words(byte* source);

    static abstract TVector BroadcastBits(uint bits);

    static abstract TVector And(TVector a, TVector b);

    static abstract TVector Or(TVector a, TVector b);

    /// <summary>The sum of integers.</summary>
    static abstract TVector AddBits(TVector a, TVector b);

    static abstract TVector ShiftLeft(TVector bits, int count);

    /// <summary>Zeros come in.</summary>
    static abstract TVector ShiftRight(TVector bits, int count);

    /// <summary><paramref name="then"/> in lanes where all bits of <paramref name="of"/> are set, else zeros.</summary>
    static abstract TVector WhereSet(TVector bits, TVector of, TVector then);

    /// <summary><paramref name="then"/> in lanes without a bit, else zeros.</summary>
    static abstract TVector WhereZero(TVector bits, TVector then);

    /// <summary>Signed integers as fp32, exact to 24 bits.</summary>
    static abstract TVector ToSingle(TVector integers);

    /// <summary><paramref name="first"/>, and in each lane one more than in the lane before it.</summary>
    static abstract TVector Rising(float first);

    /// <summary>The lane of the table that the lower four bits of a lane count.</summary>
    static abstract TVector Lookup(TVector table, TVector indices);
}
