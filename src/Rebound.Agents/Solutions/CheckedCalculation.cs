using System.Globalization;

namespace Rebound.Agents.Solutions;

/// <summary>A calculation of a solution, with the calculator's result.</summary>
/// <param name="Value">The result, according to the solution.</param>
/// <param name="Observation">The result, according to the calculator.</param>
public sealed record CheckedCalculation(string Expression, string Value, string Observation)
{
    /// <summary>Sums of binary fractions are off by less than this share of themselves.</summary>
    private const double BinaryRounding = 1e-12;

    public Agreement Agreement { get; } = Compare(Value, Observation);

    private static Agreement Compare(string value, string observation)
    {
        if (value == observation)
        {
            return Agreement.Equal;
        }

        if (Number(value) is not { } said || Number(observation) is not { } observed)
        {
            return Agreement.Different;
        }

        var difference = Math.Abs(said.Value - observed.Value);
        var slack = BinaryRounding * Math.Max(Math.Abs(said.Value), Math.Abs(observed.Value));
        return difference <= slack ? Agreement.Equal
            : difference <= (Math.Max(said.Unit, observed.Unit) / 2) + slack ? Agreement.Rounded
            : Agreement.Different;
    }

    /// <summary>A number and the unit of its last digit, which is 0 for a fraction.</summary>
    private static (double Value, double Unit)? Number(string text)
    {
        text = text.Replace(",", "", StringComparison.Ordinal);
        if (text.Split('/') is [var numerator, var denominator])
        {
            return Plain(numerator) is { } top && Plain(denominator) is { Value: not 0 } bottom ? (top.Value / bottom.Value, 0) : null;
        }

        return Plain(text);
    }

    private static (double Value, double Unit)? Plain(string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            return null;
        }

        var parts = text.Split('e', 'E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : parts[0].Trim().Length - point - 1;
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        return (value, Math.Pow(10, exponent - decimals));
    }
}

/// <summary>How a solution's value compares with the calculator's.</summary>
public enum Agreement
{
    /// <summary>One number, whatever its form.</summary>
    Equal,

    /// <summary>The one is the other rounded to the digits that it has.</summary>
    Rounded,

    /// <summary>Two numbers, or no number at all.</summary>
    Different,
}
