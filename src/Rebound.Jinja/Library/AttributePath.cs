using System.Globalization;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>The attribute paths of <c>map(attribute=…)</c>, <c>sort(attribute=…)</c> and the like: <c>a.b.0</c>.</summary>
internal static class AttributePath
{
    /// <summary>A lookup along the path; elements that are missing become <paramref name="fallback"/> if one is given.</summary>
    public static Func<object?, object?> Getter(object? path, object? fallback = null)
    {
        var keys = Keys(path);
        return item =>
        {
            RenderState.Current?.ReserveElements(keys.Length);
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

    public static object? Comparable(object? value, bool isCaseSensitive)
    {
        if (isCaseSensitive || !PythonType.IsText(value))
        {
            return value;
        }

        var text = PythonText.Of(value);
        RenderState.Current?.SpendText(text.Length);
        return CaseMapping.Lower(text);
    }

    /// <summary>The parts of a path or of a list of paths.</summary>
    public static string[] Split(string text, char separator)
    {
        RenderState.Current?.ReserveElements(text.AsSpan().Count(separator));
        return text.Split(separator);
    }

    private static object?[] Keys(object? path) => path switch
    {
        null => [],
        string or Markup => [.. Split(PythonText.Of(path), '.').Select(Key)],
        _ => [path],
    };

    private static object Key(string part) =>
        part.Length > 0 && part.All(char.IsAsciiDigit) && long.TryParse(part, CultureInfo.InvariantCulture, out var index) ? index : part;
}
