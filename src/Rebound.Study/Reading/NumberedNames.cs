using System.Text.RegularExpressions;

namespace Rebound.Study.Reading;

/// <summary>The order of names in which <c>round-2</c> comes before <c>round-10</c>.</summary>
internal sealed partial class NumberedNames : IComparer<string>
{
    private const int LongestNumber = 20;

    public static NumberedNames Order { get; } = new();

    public int Compare(string? x, string? y) => string.CompareOrdinal(Padded(x ?? ""), Padded(y ?? ""));

    private static string Padded(string name) => Digits().Replace(name, number => number.Value.PadLeft(LongestNumber, '0'));

    [GeneratedRegex("[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex Digits();
}
