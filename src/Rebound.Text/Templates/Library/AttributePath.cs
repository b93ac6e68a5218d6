using System.Globalization;
using Rebound.Text.Templates.Values;

namespace Rebound.Text.Templates.Library;

/// <summary>What <c>map(attribute=…)</c>, <c>sort(attribute=…)</c> and their kin look up: <c>a.b.0</c>.</summary>
internal static class AttributePath
{
    /// <summary>A lookup along the path; elements that are missing become <paramref name="fallback"/> if one is given.</summary>
    public static Func<object?, object?> Getter(object? path, object? fallback = null)
    {
        var keys = Keys(path);
        return item =>
        {
            foreach (var key in keys)
            {
                item = Access.Element(item, key);
                item = fallback is not null && item is Undefined ? fallback : item;
            }

            return item;
        };
    }

    /// <summary>A sort key: the value itself or along a path, with text in lower case unless case matters.</summary>
    public static Func<object?, object?> SortKey(object? path, bool isCaseSensitive)
    {
        var getter = path is null ? null : Getter(path);
        return item => Comparable(getter is null ? item : getter(item), isCaseSensitive);
    }

    public static object? Comparable(object? value, bool isCaseSensitive) =>
        !isCaseSensitive && PythonType.IsText(value) ? CaseMapping.Lower(PythonText.Of(value)) : value;

    private static object?[] Keys(object? path) => path switch
    {
        null => [],
        string or Markup => [.. PythonText.Of(path).Split('.').Select(Key)],
        _ => [path],
    };

    private static object Key(string part) =>
        part.Length > 0 && part.All(char.IsAsciiDigit) && long.TryParse(part, CultureInfo.InvariantCulture, out var index) ? index : part;
}
