using Rebound.Files.Messages;

using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Simplification;

namespace Rebound.Calculation;

/// <summary>
/// Limits on the time and memory of a calculation, with <see cref="Nesting"/> and <see cref="Work"/>. Every limit is checked before the
/// work it bounds is done, so a hostile expression such as <c>9**9**9</c> fails at once.
/// </summary>
internal static class CalculationLimits
{
    /// <summary>Characters of an expression.</summary>
    public const int Length = 4_000;

    /// <summary>Bits of an integer on the way to the result.</summary>
    public const int Bits = 1 << 19;

    /// <summary>Digits of a printed integer; the bound of CPython's conversion to text, and so of the reference.</summary>
    public const int Digits = 4_300;

    /// <summary>Terms of a polynomial.</summary>
    public const int Terms = 2_000;

    /// <summary>The highest power that a sum is multiplied out to.</summary>
    public const int Power = 100;

    /// <summary>Products of terms that one simplification may take.</summary>
    public const int Effort = 400_000;

    /// <exception cref="CalculationException">A number of this many bits would be too long.</exception>
    public static void CheckBits(double bits)
    {
        if (bits > Bits)
        {
            throw new CalculationException("the number has too many digits.");
        }
    }

    /// <summary>The number as text.</summary>
    /// <exception cref="CalculationException">It has more than <see cref="Digits"/> digits.</exception>
    public static string Text(BigInteger value)
    {
        // A decimal digit is log2(10) bits; one digit of slack leaves the exact count to the text itself.
        if (value.GetBitLength() > ((Digits + 1) * 3.3220) || value.ToString() is not { } text || text.TrimStart('-').Length > Digits)
        {
            throw new CalculationException($"the result has more than {Digits} digits.");
        }

        return text;
    }
}
