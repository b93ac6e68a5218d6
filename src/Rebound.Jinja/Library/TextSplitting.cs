using System.Buffers;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary><c>split</c>, <c>rsplit</c>, <c>splitlines</c> and <c>partition</c>.</summary>
internal static class TextSplitting
{
    private static readonly SearchValues<char> LineEnds =
        SearchValues.Create("\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029");

    public static ListValue Split(RenderState state, string text, Arguments arguments, bool fromEnd)
    {
        var most = arguments.Count(1, -1);
        most = most < 0 ? int.MaxValue : most;
        if (arguments[0] is null)
        {
            return new ListValue(fromEnd ? WordsFromEnd(state, text, most) : Words(state, text, most));
        }

        var separator = arguments.Text(0);
        if (separator.Length == 0)
        {
            throw Fault.Evaluation("empty separator");
        }

        state.ReserveElements(Math.Min(most, text.AsSpan().Count(separator)));
        return new ListValue(fromEnd && most != int.MaxValue
            ? PartsFromEnd(text, separator, most)
            : text.Split(separator, most == int.MaxValue ? most : most + 1));
    }

    public static ListValue Lines(RenderState state, string text, bool keepEnds)
    {
        var lines = new List<object?>();
        var start = 0;
        while (start < text.Length)
        {
            var length = text.AsSpan(start).IndexOfAny(LineEnds);
            var end = length < 0 ? text.Length : start + length;
            var next = end == text.Length ? end : text.AsSpan(end).StartsWith("\r\n") ? end + 2 : end + 1;
            lines.Add(text[start..(keepEnds ? next : end)]);
            CheckCount(state, lines.Count);
            start = next;
        }

        return new ListValue([.. lines]);
    }

    public static TupleValue Partition(string text, string separator, bool fromEnd)
    {
        if (separator.Length == 0)
        {
            throw Fault.Evaluation("empty separator");
        }

        var index = fromEnd
            ? text.LastIndexOf(separator, StringComparison.Ordinal)
            : text.IndexOf(separator, StringComparison.Ordinal);
        if (index < 0)
        {
            return fromEnd ? new TupleValue("", "", text) : new TupleValue(text, "", "");
        }

        return new TupleValue(text[..index], separator, text[(index + separator.Length)..]);
    }

    private static object?[] Words(RenderState state, string text, int most)
    {
        var words = new List<object?>();
        var position = 0;
        while (SkipSpace(text, ref position))
        {
            if (words.Count == most)
            {
                words.Add(text[position..]);
                break;
            }

            var start = position;
            while (position < text.Length && !PythonString.IsSpace(text[position]))
            {
                position++;
            }

            words.Add(text[start..position]);
            CheckCount(state, words.Count);
        }

        return [.. words];
    }

    /// <summary>Counts one more part, and refuses too many before all are made.</summary>
    private static void CheckCount(RenderState state, int count)
    {
        state.Step();
        if (count % 1024 == 0)
        {
            state.ReserveElements(count + 1024L);
        }
    }

    private static bool SkipSpace(string text, ref int position)
    {
        while (position < text.Length && PythonString.IsSpace(text[position]))
        {
            position++;
        }

        return position < text.Length;
    }

    private static object?[] WordsFromEnd(RenderState state, string text, int most)
    {
        var words = new List<object?>();
        var rest = TextTrimming.Trim(text, null, atStart: false, atEnd: true);
        while (rest.Length > 0)
        {
            var start = rest.Length;
            while (start > 0 && !PythonString.IsSpace(rest[start - 1]))
            {
                start--;
            }

            if (words.Count == most)
            {
                words.Add(rest);
                break;
            }

            words.Add(rest[start..]);
            CheckCount(state, words.Count);
            state.SpendText(start);
            rest = TextTrimming.Trim(rest[..start], null, atStart: false, atEnd: true);
        }

        words.Reverse();
        return [.. words];
    }

    private static object?[] PartsFromEnd(string text, string separator, int most)
    {
        var parts = new List<object?>();
        var end = text.Length;
        while (parts.Count < most)
        {
            var index = text.AsSpan(0, end).LastIndexOf(separator);
            if (index < 0)
            {
                break;
            }

            parts.Add(text[(index + separator.Length)..end]);
            end = index;
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return [.. parts];
    }
}
