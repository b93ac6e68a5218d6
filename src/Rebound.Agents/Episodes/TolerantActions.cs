using System.Text.RegularExpressions;

namespace Rebound.Agents.Episodes;

/// <summary>
/// Reads turns for what they mean. Beside the reference's form it takes <c>action:</c> in any case, with Markdown around it or a
/// number behind it; an action in a code fence; brackets that are nested, round, or not closed; <c>tool: argument</c> and
/// <c>tool argument</c>; and an action without its label where it stands alone in a line. Of several actions the first
/// counts, and what follows it is no part of the turn: a model that goes on writes observations of its own.
/// </summary>
public static partial class TolerantActions
{
    /// <param name="text">The turn.</param>
    /// <param name="tools">Names of tools, which an action without a label must have.</param>
    public static ParsedTurn Parse(string text, IReadOnlyCollection<string> tools) =>
        InTime(() => Find(text, tools)) ?? new ParsedTurn(text.Trim(), null, null, null);

    /// <summary>The turn up to the end of its first action: what an agent meant to say.</summary>
    public static string UpToAction(string text, ParsedTurn turn) => text[..(turn.End ?? text.Length)];

    /// <summary>
    /// Where the turn ends, if no text that may follow can change that: behind its first action with a label, when the bracket
    /// or the line is closed. Null while that is open.
    /// </summary>
    public static int? CertainEnd(string text) => InTime<int?>(() =>
    {
        for (var label = Label().Match(text); label.Success; label = label.NextMatch())
        {
            if (Read(text, label.Index + label.Length, requireBracket: false) is { } found)
            {
                return found.IsClosed ? found.End : null;
            }
        }

        return null;
    });

    /// <summary>What is read of a text; none of one that a model repeats itself in for so long that reading it takes too long.</summary>
    private static T? InTime<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (RegexMatchTimeoutException)
        {
            return default;
        }
    }

    /// <summary>The first action with a label, or else the first known tool alone in a line; null for none.</summary>
    private static ParsedTurn? Find(string text, IReadOnlyCollection<string> tools)
    {
        var label = Label().Match(text);
        while (label.Success)
        {
            var start = label.Index + label.Length;
            if (Read(text, start, requireBracket: false) is { } found)
            {
                return Turn(text, label.Index, start, found);
            }

            label = label.NextMatch();
        }

        foreach (Match line in LoneAction().Matches(text))
        {
            if (tools.Contains(line.Groups["tool"].Value, StringComparer.OrdinalIgnoreCase)
                && Read(text, line.Groups["tool"].Index, requireBracket: true) is { } found)
            {
                return Turn(text, line.Index, line.Groups["tool"].Index, found);
            }
        }

        return null;
    }

    private static ParsedTurn Turn(string text, int thoughtEnd, int start, FoundAction found) =>
        new(text[..thoughtEnd].TrimEnd('`', ' ', '\n', '\r', '\t', '*'), text[start..found.End], found.Tool, found.Argument)
        {
            End = found.End,
        };

    /// <summary>Tool and argument from a position on.</summary>
    private static FoundAction? Read(string text, int start, bool requireBracket)
    {
        var name = Name().Match(text, start);
        if (!name.Success)
        {
            return null;
        }

        var tool = name.Groups["name"].Value.ToLowerInvariant();
        var next = name.Index + name.Length;
        var open = next < text.Length ? text[next] : '\n';
        if (open is '[' or '(')
        {
            return Bracketed(tool, text, next, open, open == '[' ? ']' : ')');
        }

        // Without a bracket the argument is the rest of the line; a sentence after the label is no action.
        var lineEnd = text.IndexOf('\n', next) is var found and >= 0 ? found : text.Length;
        var rest = text[next..lineEnd].TrimStart(':', ' ', '\t').TrimEnd('`', ' ', '\r', '\t', ']');
        var isSentence = rest.Split(' ').Length > 3 && open != ':';
        return requireBracket || isSentence ? null : new FoundAction(tool, rest, lineEnd, IsClosed: lineEnd < text.Length);
    }

    /// <summary>What stands between a bracket and the one that closes it; the rest of the line where none does.</summary>
    private static FoundAction Bracketed(string tool, string text, int open, char opening, char closing)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            depth += text[i] == opening ? 1 : text[i] == closing ? -1 : 0;
            if (depth == 0)
            {
                return new FoundAction(tool, text[(open + 1)..i].Trim(), i + 1, IsClosed: true);
            }
        }

        var lineEnd = text.IndexOf('\n', open) is var found and >= 0 ? found : text.Length;
        return new FoundAction(tool, text[(open + 1)..lineEnd].Trim('`', ' ', '\r', '\t', closing), lineEnd, IsClosed: false);
    }

    /// <summary>An action in a text.</summary>
    /// <param name="End">Where it ends.</param>
    /// <param name="IsClosed">Whether it ends there whatever follows the text.</param>
    private readonly record struct FoundAction(string Tool, string Argument, int End, bool IsClosed);

    [GeneratedRegex(@"(?:^|(?<=[\n\r`*#>])|(?<=[.!?] ))[ \t>#*_`-]*action[ \t]*\d*[*_]*[ \t]*:[*_]*[ \t`]*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Label();

    [GeneratedRegex(@"(?<=^|[\n\r])[ \t`*]*(?<tool>\w+)[ \t]*[\[(]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LoneAction();

    [GeneratedRegex(@"\G[ \t`*""'\n\r]*(?<name>\w+)[`*""']*[ \t]*", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
