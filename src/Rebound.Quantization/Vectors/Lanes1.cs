using System.Runtime.CompilerServices;

namespace Rebound.Quantization;

/// <summary>One lane: the scalar version of what is written for any width.</summary>
public readonly unsafe struct Lanes1 : ILanes<float>
{
    public static int Count => 1;

    public static bool HasLookup => false;

    public static float PowersOfTwo => BroadcastBits(1);

    public static float Load(float* source) => *source;

    public static void Store(float vector, float* destination) => *destination = vector;

    public static float Broadcast(float value) => value;

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => float.MultiplyAddEstimate(a, b, c);

    public static float Sum(float vector) => vector;

    public static float Bytes(byte* source) => BroadcastBits(*source);

    public static float SignedBytes(byte* source) => BroadcastBits((uint)*(sbyte*)source);

    public static float Words(byte* source) => BroadcastBits(*(ushort*)source);

    /// <remarks>Not inlined: .NET 10.0 makes one load of four bytes out of the load of a byte and this.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float BroadcastBits(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    public static float And(float a, float b) => BroadcastBits(Bits(a) & Bits(b));

    public static float Or(float a, float b) => BroadcastBits(Bits(a) | Bits(b));

    public static float AddBits(float a, float b) => BroadcastBits(Bits(a) + Bits(b));

    public static float ShiftLeft(float bits, int count) => BroadcastBits(Bits(bits) << count);

    public static float ShiftRight(float bits, int count) => BroadcastBits(Bits(bits) >> count);

    public static float WhereSet(float bits, float of, float then) => (Bits(bits) & Bits(of)) == Bits(of) ? then : 0;

    public static float WhereZero(float bits, float then) => Bits(bits) == 0 ? then : 0;

    public static float ToSingle(float integers) => BitConverter.SingleToInt32Bits(integers);

    public static float Rising(float first) => first;

    public static float Lookup(float table, float indices) => throw new NotSupportedException();

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
