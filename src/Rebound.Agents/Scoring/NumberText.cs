using System.Text.RegularExpressions;
using Rebound.Calculation;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Agents.Scoring;

/// <summary>A number as people and models write it.</summary>
/// <param name="Value">Its value as the calculator writes it, a fraction in lowest terms; that of a
/// percentage is the number before the sign.</param>
/// <param name="IsPercentage">Whether a percent sign follows it.</param>
internal sealed partial record NumberText(string Value, bool IsPercentage)
{
    private string Hundredth => Calculator.Calculate($"({Value})/100");

    /// <summary>
    /// Reads a number, or arithmetic: with its thousands in groups of three, a sign before or behind a currency, a percent sign, as a
    /// mixed number, in LaTeX's <c>\boxed{}</c> and <c>\frac{}{}</c>, in Markdown's bold, or behind an equals sign. Null for anything else.
    /// </summary>
    public static NumberText? Read(string text)
    {
        var bare = Bare(text);
        var isPercentage = bare.EndsWith('%');
        bare = Currency().Replace(bare.TrimEnd('%', '\\', ' '), "$1$2");
        bare = Thousands().Replace(bare, group => group.Value.Replace(",", ""));
        bare = LeadingZeros().Replace(Decimals().Replace(bare, AsFraction), "");
        var value = bare.Contains(',') ? null : Calculator.Calculate($"Rational({Mixed().Replace(bare, "$1($2+$3)")})");
        return value?.StartsWith(Calculator.ErrorPrefix, StringComparison.Ordinal) == false ? new NumberText(value, isPercentage) : null;
    }

    /// <summary>Whether two numbers are the same; a percentage is the same as its number and as its hundredth part.</summary>
    public bool IsSameAs(NumberText other) => Value == other.Value
        || (IsPercentage && !other.IsPercentage && Hundredth == other.Value)
        || (other.IsPercentage && !IsPercentage && other.Hundredth == Value);

    private static string AsFraction(Match number)
    {
        var digits = $"{number.Groups[1].Value}{number.Groups[2].Value}".TrimStart('0');
        return $"({(digits.Length == 0 ? "0" : digits)}/1{new string('0', number.Groups[2].Length)})";
    }

    /// <summary>The text of a number without LaTeX, emphasis, and any equation before it.</summary>
    private static string Bare(string text)
    {
        var bare = text.Replace('\u2212', '-').Trim().Trim('*');
        bare = Boxed().Match(bare) is { Success: true } boxed ? boxed.Groups[1].Value : bare;
        bare = Fraction().Replace(bare, "(($1)/($2))").Trim().TrimEnd('.', ',', ';');
        return bare[(bare.LastIndexOf('=') + 1)..].Trim();
    }

    [GeneratedRegex(@"^\$*\\boxed\{(.*)\}[.$]*$", RegexOptions.CultureInvariant | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Boxed();

    [GeneratedRegex(@"\\[dt]?frac\{([^{}]+)\}\{([^{}]+)\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fraction();

    [GeneratedRegex(@"(?<![\w.])0+(?=\d)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LeadingZeros();

    /// <summary>A currency before a number, with its sign on either side of it, or behind a number.</summary>
    [GeneratedRegex(
        @"^([+-]?) *(?:\\?[$€£¥]|USD|EUR|GBP) *(?:([+-]?) *(?=[\d.]))|(?<=\d) *(?:\\?[$€£¥]|USD|EUR|GBP|dollars?|euros?|pounds?)$",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Currency();

    [GeneratedRegex(@"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Thousands();

    /// <summary>A decimal, which is the fraction that it is written as and not the double next to it.</summary>
    [GeneratedRegex(@"(?<![\w.])(\d*)\.(\d+)(?![\w.])", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Decimals();

    [GeneratedRegex(@"^([+-]?)(\d+) +(\d+/\d+)$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mixed();
}
