using Rebound.Jinja.Values;
using Rebound.Python;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Episodes;

/// <summary>
/// Reads turns as the NAT reference does: what follows the first <c>\nAction: </c> up to the next one is the action, its
/// name ends at the first bracket, and its argument is what follows up to the next opening bracket, less its last
/// character, whatever that is.
/// </summary>
public static class ReferenceActions
{
    private const string Label = "Action: ";
    private const string LabelLine = "\n" + Label;

    public static ParsedTurn Parse(string text)
    {
        var stripped = Strip(text);
        if (stripped.Contains(LabelLine, StringComparison.Ordinal))
        {
            var parts = stripped.Split(LabelLine);
            return Split(parts[0], parts[1]);
        }

        // Where the label stands elsewhere, as many characters as it has are taken off the front.
        return stripped.Contains(Label, StringComparison.Ordinal)
            ? Split("", text[AfterCodePoints(text, Label.Length)..])
            : new ParsedTurn(text.Split('\n')[0], null, null, null);
    }

    private static ParsedTurn Split(string thought, string action)
    {
        var parts = action.Split('[');
        return parts.Length < 2
            ? new ParsedTurn(thought, action, null, null)
            : new ParsedTurn(thought, action, parts[0], WithoutLastCodePoint(parts[1]));
    }

    private static string Strip(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && PythonString.IsSpace(text[start]))
        {
            start++;
        }

        while (end > start && PythonString.IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    private static int AfterCodePoints(string text, int count)
    {
        var position = 0;
        for (; count > 0 && position < text.Length; count--)
        {
            position += char.IsSurrogatePair(text, position) ? 2 : 1;
        }

        return position;
    }

    private static string WithoutLastCodePoint(string text) =>
        text.Length == 0 ? text
        : text[..^(text.Length > 1 && char.IsSurrogatePair(text, text.Length - 2) ? 2 : 1)];
}
