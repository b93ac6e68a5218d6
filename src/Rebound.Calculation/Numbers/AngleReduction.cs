using System.Numerics;

namespace Rebound.Calculation.Numbers;

/// <summary>
/// Large exact angles brought within one turn before they become doubles: the double next to 10^30 lies many turns away from it.
/// </summary>
internal static class AngleReduction
{
    /// <summary>Angles from here on, in radians, are large: a double of one lacks digits that its sine has.</summary>
    private static readonly Rational Large = 1 << 20;

    /// <summary>Bits of the largest angle; the work grows with their square.</summary>
    private const int MostBits = 1 << 14;

    /// <summary>Bits of π beyond those of the angle.</summary>
    private const int Guard = 128;

    public static bool IsLarge(Rational angle) => angle.Abs > Large;

    /// <summary>The angle less whole turns, in radians.</summary>
    /// <exception cref="CalculationException">It is too large.</exception>
    public static double WithinTurn(Rational angle)
    {
        var bits = (int)(angle.Numerator.GetBitLength() - angle.Denominator.GetBitLength());
        if (bits > MostBits)
        {
            throw new CalculationException("the number is too large for this function.");
        }

        var precision = bits + Guard;
        var rest = BigInteger.Remainder((angle.Numerator << precision) / angle.Denominator, Pi(precision) << 1);
        return Math.ScaleB((double)(rest >> bits), -Guard);
    }

    /// <summary>π times a power of two, by Machin's formula: 16 atan(1/5) − 4 atan(1/239).</summary>
    private static BigInteger Pi(int precision)
    {
        const int More = 32;
        return ((16 * ArcTangentOfInverse(5, precision + More)) - (4 * ArcTangentOfInverse(239, precision + More))) >> More;
    }

    private static BigInteger ArcTangentOfInverse(int inverse, int precision)
    {
        var power = (BigInteger.One << precision) / inverse;
        var sum = power;
        for (var odd = 3; !power.IsZero; odd += 2)
        {
            Work.Spend(1 + (precision / 1_000));
            power /= -inverse * inverse;
            sum += power / odd;
        }

        return sum;
    }
}
