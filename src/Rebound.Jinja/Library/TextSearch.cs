using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>Python's searches in text, with optional start and end positions in code points.</summary>
internal static class TextSearch
{
    /// <summary><c>text.replace(old, new[, count])</c>.</summary>
    public static object Replace(RenderState state, string text, Arguments arguments) =>
        Replace(state, text, arguments.Text(0), arguments.Text(1), arguments[2] is null ? -1 : arguments.Count(2, -1));

    /// <summary>Replaces the first <paramref name="count"/> occurrences, or all if it is negative.</summary>
    public static string Replace(RenderState state, string text, string old, string replacement, int count)
    {
        state.SpendSearch(text.Length, old.Length);
        var found = old.Length == 0 ? PythonString.Length(text) + 1 : text.AsSpan().Count(old);
        var replaced = count < 0 ? found : Math.Min(found, count);
        state.ReserveText(text.Length + ((long)replaced * (replacement.Length - old.Length)));
        if (replaced == 0)
        {
            return text;
        }

        if (old.Length == 0)
        {
            return InsertBetween(text, replacement, replaced);
        }

        if (replaced == found)
        {
            return text.Replace(old, replacement, StringComparison.Ordinal);
        }

        var parts = text.Split(old, replaced + 1);
        return string.Join(replacement, parts);
    }

    public static object Begins(string text, Arguments arguments) =>
        Matches(arguments, text, static (part, affix) => part.StartsWith(affix, StringComparison.Ordinal));

    public static object Ends(string text, Arguments arguments) =>
        Matches(arguments, text, static (part, affix) => part.EndsWith(affix, StringComparison.Ordinal));

    /// <summary>Where the text is found, in code points; −1 if nowhere.</summary>
    public static long Find(string text, Arguments arguments, bool fromEnd)
    {
        if (!TryPart(text, arguments, out var first, out var part))
        {
            return -1;
        }

        var sought = arguments.Text(0);
        var unit = fromEnd ? part.LastIndexOf(sought, StringComparison.Ordinal) : part.IndexOf(sought, StringComparison.Ordinal);
        unit = fromEnd && sought.Length == 0 ? part.Length : unit;
        return unit < 0 ? -1 : first + PythonString.Length(part[..unit]);
    }

    public static object Index(string text, Arguments arguments, bool fromEnd)
    {
        var index = Find(text, arguments, fromEnd);
        return index >= 0 ? Boxed.Of(index) : throw Fault.Evaluation("substring not found");
    }

    public static object Count(string text, Arguments arguments)
    {
        if (!TryPart(text, arguments, out _, out var part))
        {
            return Boxed.Of(0L);
        }

        var sought = arguments.Text(0);
        return Boxed.Of(sought.Length == 0 ? PythonString.Length(part) + 1L : part.AsSpan().Count(sought));
    }

    private static object Matches(Arguments arguments, string text, Func<string, string, bool> matches)
    {
        if (arguments[0] is TupleValue affixes)
        {
            foreach (var affix in affixes.Items)
            {
                if (!PythonType.IsText(affix))
                {
                    throw Fault.Evaluation($"tuple for startswith must only contain str, not {PythonType.NameOf(affix)}");
                }
            }

            return Boxed.Of(TryPart(text, arguments, out _, out var part)
                && affixes.Items.Any(affix => matches(part, PythonText.Of(affix))));
        }

        var single = arguments.Text(0);
        return Boxed.Of(TryPart(text, arguments, out _, out var whole) && matches(whole, single));
    }

    /// <summary>The part between the start and end arguments; false if the start lies beyond the end.</summary>
    private static bool TryPart(string text, Arguments arguments, out int first, out string part)
    {
        (first, part) = (0, text);
        if (arguments[1] is null && arguments[2] is null)
        {
            return true;
        }

        var length = PythonString.Length(text);
        if (arguments[1] is long start && start > length)
        {
            return false;
        }

        var tail = Slice.Resolve(arguments[1], null, null, length);
        var range = Slice.Resolve(arguments[1], arguments[2], null, length);
        first = length - tail.Count;
        var end = Slice.Resolve(null, arguments[2], null, length).Count;
        part = PythonText.Cut(text, range);
        return first <= end;
    }

    private static string InsertBetween(string text, string insertion, int times)
    {
        var characters = PythonText.Characters(text);
        var parts = characters.Select((character, index) => index < times ? insertion + character : (string)character!);
        return string.Concat(parts) + (times > characters.Length ? insertion : "");
    }
}
