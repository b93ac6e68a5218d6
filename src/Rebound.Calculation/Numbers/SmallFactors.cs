using System.Numerics;
using Rebound.Calculation.Expressions;

namespace Rebound.Calculation.Numbers;

/// <summary>
/// The prime factors of an integer below a bound. All of them are found at once, by a divisor that the integer shares with their
/// product, so that a number of a hundred thousand digits takes milliseconds.
/// </summary>
internal static class SmallFactors
{
    private const int Bound = 1 << 15;

    private static readonly int[] Primes = [.. Enumerable.Range(2, Bound - 2).Where(IsPrime)];

    private static readonly BigInteger AllPrimes = Multiply(Primes);

    /// <param name="value">Above zero.</param>
    /// <returns>The primes in ascending order with their exponents, and what is left.</returns>
    public static (IReadOnlyList<(int Prime, int Exponent)> Factors, BigInteger Left) Of(BigInteger value)
    {
        Work.SpendProduct(value.GetBitLength());
        var factors = new List<(int, int)>();
        var open = BigInteger.GreatestCommonDivisor(value % AllPrimes, AllPrimes);
        foreach (var prime in Primes)
        {
            if (open.IsOne)
            {
                break;
            }

            var rest = BigInteger.DivRem(open, prime, out var remainder);
            if (remainder.IsZero)
            {
                open = rest;
                (var exponent, value) = TakeOut(value, prime);
                factors.Add((prime, exponent));
            }
        }

        return (factors, value);
    }

    /// <summary>
    /// How often a number can be divided, and what is left: first by the square as often as that goes, and then once more.
    /// </summary>
    private static (int Times, BigInteger Left) TakeOut(BigInteger value, BigInteger divisor)
    {
        Work.SpendProduct(value.GetBitLength());
        var quotient = BigInteger.DivRem(value, divisor, out var remainder);
        if (!remainder.IsZero)
        {
            return (0, value);
        }

        var (pairs, rest) = TakeOut(quotient, divisor * divisor);
        var last = BigInteger.DivRem(rest, divisor, out remainder);
        return remainder.IsZero ? ((2 * pairs) + 2, last) : ((2 * pairs) + 1, rest);
    }

    private static bool IsPrime(int value)
    {
        for (var divisor = 2; divisor * divisor <= value; divisor++)
        {
            if (value % divisor == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static BigInteger Multiply(ReadOnlySpan<int> factors) => factors.Length == 1
        ? factors[0]
        : Multiply(factors[..(factors.Length / 2)]) * Multiply(factors[(factors.Length / 2)..]);
}
