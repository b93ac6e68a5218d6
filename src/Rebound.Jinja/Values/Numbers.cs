using System.Globalization;
using System.Numerics;

namespace Rebound.Jinja.Values;

/// <summary>Conversions among Python's numbers.</summary>
internal static class Numbers
{
    public static BigInteger ToBig(object value) => value switch
    {
        long number => number,
        bool truth => truth ? BigInteger.One : BigInteger.Zero,
        BigInteger number => number,
        _ => throw Fault.Evaluation($"'{PythonType.NameOf(value)}' object cannot be interpreted as an integer"),
    };

    public static double ToReal(object value) => value switch
    {
        double number => number,
        long number => number,
        bool truth => truth ? 1 : 0,
        BigInteger number => ToReal(number),
        _ => throw Fault.Evaluation($"must be real number, not {PythonType.NameOf(value)}"),
    };

    /// <summary>A value used as an index or count: an integer that fits 32 bits.</summary>
    public static int ToCount(object? value) => value switch
    {
        long number when number is >= int.MinValue and <= int.MaxValue => (int)number,
        bool truth => truth ? 1 : 0,
        long or BigInteger => throw Fault.Evaluation("Python int too large to convert to C ssize_t"),
        Undefined undefined => throw undefined.Used(),
        _ => throw Fault.Evaluation($"'{PythonType.NameOf(value)}' object cannot be interpreted as an integer"),
    };

    private static double ToReal(BigInteger number)
    {
        // The conversion of .NET cuts digits off; reading the digits rounds to the nearest.
        var real = double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return double.IsInfinity(real) ? throw Fault.Evaluation("int too large to convert to float") : real;
    }
}
