using System.Numerics;
using System.Runtime.ExceptionServices;

namespace Rebound.Calculation;

/// <summary>
/// Counts the work of a calculation on this thread against its budget. A step is about a tenth of a microsecond; steps are counted and
/// not timed, so that the same calculations fail on every machine.
/// </summary>
internal static class Work
{
    /// <summary>Products of 32-bit digits that are a step.</summary>
    private const int ProductsOfStep = 100;

    [ThreadStatic]
    private static long _done;

    /// <summary>Where it ends; 0 for no end.</summary>
    [ThreadStatic]
    private static long _end;

    /// <summary>Calculates within so many steps, and within what an outer calculation has left.</summary>
    /// <exception cref="CalculationException">They do not suffice.</exception>
    public static T Bounded<T>(long steps, Func<T> calculate)
    {
        var outer = _end;
        _end = outer == 0 ? _done + steps : Math.Min(outer, _done + steps);
        try
        {
            return calculate();
        }
        catch (InvalidOperationException e) when (e.InnerException is CalculationException inner)
        {
            // What a comparison throws, sorting wraps.
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
        finally
        {
            _end = outer;
        }
    }

    /// <exception cref="CalculationException">No steps are left.</exception>
    public static void Spend(long steps)
    {
        _done += steps;
        if (_end > 0 && _done > _end)
        {
            throw new CalculationException("the calculation takes too long.");
        }
    }

    /// <summary>Spends what a common divisor of two numbers costs: it grows with the square of the shorter one's length.</summary>
    public static void SpendDivisor(BigInteger a, BigInteger b)
    {
        var (longer, shorter) = (Math.Max(Digits(a), Digits(b)), Math.Min(Digits(a), Digits(b)));
        Spend(1 + (((shorter * shorter) + longer) / ProductsOfStep));
    }

    /// <summary>Spends what a product, a quotient or a power of this length costs.</summary>
    public static void SpendProduct(double bits) => Spend(1 + (long)(Math.Pow(bits / 32, 1.6) / ProductsOfStep));

    private static long Digits(BigInteger value) => (value.GetBitLength() / 32) + 1;
}
