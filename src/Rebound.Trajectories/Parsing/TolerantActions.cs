using System.Text.RegularExpressions;

namespace Rebound.Trajectories.Parsing;

/// <summary>
/// Reads turns for what they mean. Beside the reference's form it takes <c>action:</c> in any case, with Markdown around it or a
/// number behind it; an action in a code fence; brackets that are nested, round, not closed, or on the next line;
/// <c>tool: argument</c>, <c>tool argument</c> and <c>Action Input: argument</c> of tools that are known; a known tool within the
/// sentence that a label begins; a JSON object with a tool's name and arguments; and an action without its label where it stands
/// alone in a line. What a model thinks between
/// <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c> is no action. Of several actions the first counts, and what follows it is no part of
/// the turn: a model that goes on writes observations of its own.
/// </summary>
public static partial class TolerantActions
{
    /// <summary>Words of an argument without brackets; more are a sentence.</summary>
    private const int MostWords = 3;

    /// <summary>Operators after which a closing bracket may be followed by more arithmetic.</summary>
    private const string Operators = "+-*/^%<>=!";

    /// <param name="text">The turn.</param>
    /// <param name="tools">Names of tools, which an action without a label or a bracket must have.</param>
    public static ParsedTurn Parse(string text, IReadOnlyCollection<string> tools) =>
        Find(text, tools) ?? new ParsedTurn(text.Trim(), null, null, null);

    /// <summary>The turn up to the end of its first action: what an agent meant to say.</summary>
    public static string UpToAction(string text, ParsedTurn turn) => text[..(turn.End ?? text.Length)];

    /// <summary>
    /// Where the turn ends, if no text that may follow can change that: behind its first action with a label, when the bracket
    /// or the line is closed. Null while that is open.
    /// </summary>
    public static int? CertainEnd(string text, IReadOnlyCollection<string> tools) =>
        FindLabelled(text, tools) is { Found: { IsClosed: true } found } ? found.End : null;

    /// <summary>The first action with a label, or else the first known tool alone in a line; null for none.</summary>
    private static ParsedTurn? Find(string text, IReadOnlyCollection<string> tools)
    {
        if (FindLabelled(text, tools) is var (label, found))
        {
            return Turn(text, label, found);
        }

        var thoughts = Thoughts(text);
        foreach (Match line in LoneAction().Matches(text))
        {
            var name = line.Groups["tool"];
            if (!IsThought(thoughts, line.Index) && Known(name.Value, tools) is { } tool)
            {
                return Turn(text, line.Index, Bracketed(tool, text, name.Index, line.Index + line.Length - 1));
            }
        }

        return null;
    }

    /// <summary>The first action with a label, and where the label begins.</summary>
    private static (int Label, FoundAction Found)? FindLabelled(string text, IReadOnlyCollection<string> tools)
    {
        var thoughts = Thoughts(text);
        for (var next = ActionLabel.Next(text, 0); next is { } label; next = ActionLabel.Next(text, label.End))
        {
            if (!IsThought(thoughts, label.Index) && Read(text, label.End, tools) is { } found)
            {
                return (label.Index, found);
            }
        }

        return null;
    }

    private static ParsedTurn Turn(string text, int thoughtEnd, FoundAction found) =>
        new(text[..thoughtEnd].TrimEnd('`', ' ', '\n', '\r', '\t', '*'), text[found.Start..found.End], found.Tool, found.Argument)
        {
            End = found.End,
        };

    /// <summary>Tool and argument behind a label.</summary>
    private static FoundAction? Read(string text, int start, IReadOnlyCollection<string> tools)
    {
        var name = Name().Match(text, start);
        if (!name.Success)
        {
            return AsObject(text, start);
        }

        var (tool, begin, next) = (Known(name.Groups["name"].Value, tools), name.Groups["name"].Index, name.Index + name.Length);
        var open = next < text.Length ? text[next] : '\n';
        if (open is '[' or '(')
        {
            return Bracketed(tool ?? name.Groups["name"].Value, text, begin, next);
        }

        // A name alone, with its input on the next line, is an action whether the tool is known or not.
        var lineEnd = LineEnd(text, next);
        return tool is null && text.AsSpan(next, lineEnd - next).IsWhiteSpace() && Input().IsMatch(text, lineEnd)
            ? WithoutBracket(name.Groups["name"].Value, text, begin, next, open)
            : tool is null ? WithinSentence(text, start, tools) : WithoutBracket(tool, text, begin, next, open);
    }

    /// <summary>A JSON object with the tool's name and its arguments: those as one text if they are one, and as JSON otherwise.</summary>
    private static FoundAction? AsObject(string text, int start)
    {
        var begin = start + text.AsSpan(start).IndexOfAnyExcept(" \t\r\n`");
        return begin >= start && begin < text.Length && text[begin] == '{'
            && ToolCallText.TryReadObject(text[begin..], out var call, out var length)
            ? new FoundAction(call.Name, ToolCallText.OnlyText(call.Arguments) ?? call.Arguments, begin, begin + length, IsClosed: true)
            : null;
    }

    /// <summary>A known tool with its bracket somewhere in the line that a label begins.</summary>
    private static FoundAction? WithinSentence(string text, int start, IReadOnlyCollection<string> tools)
    {
        // The line alone is searched: a text of labels would else be searched to its end behind each of them.
        for (var call = Call().Match(text, start, LineEnd(text, start) - start); call.Success; call = call.NextMatch())
        {
            var name = call.Groups["tool"];
            if (Known(name.Value, tools) is { } tool)
            {
                return Bracketed(tool, text, name.Index, call.Index + call.Length - 1);
            }
        }

        return null;
    }

    /// <summary>The argument is the rest of the line, or what stands on the next one in a bracket or behind a label of its own.</summary>
    private static FoundAction? WithoutBracket(string tool, string text, int start, int next, char open)
    {
        var lineEnd = LineEnd(text, next);
        var rest = text[next..lineEnd].TrimStart(':', '：', ' ', '\t').TrimEnd('`', ' ', '\r', '\t', ']');
        if (rest.Length > 0)
        {
            var isSentence = rest.Split(' ').Length > MostWords && open is not (':' or '：');
            return isSentence ? null : new FoundAction(tool, rest, start, lineEnd, IsClosed: lineEnd < text.Length);
        }

        if (NextBracket().Match(text, lineEnd) is { Success: true } bracket)
        {
            return Bracketed(tool, text, start, bracket.Index + bracket.Length - 1);
        }

        if (Input().Match(text, lineEnd) is { Success: true } input)
        {
            var end = LineEnd(text, input.Index + input.Length);
            return new FoundAction(
                tool, text[(input.Index + input.Length)..end].Trim('`', ' ', '\r', '\t'), start, end, IsClosed: end < text.Length);
        }

        return new FoundAction(tool, "", start, lineEnd, IsClosed: false);
    }

    /// <summary>The text between a bracket and its closing one; the rest of the line where none closes it.</summary>
    private static FoundAction Bracketed(string tool, string text, int start, int open)
    {
        if (Closing(text, open) is { } close)
        {
            // A round bracket behind a blank may be the first of an argument's own: calculate (2+3)*4.
            var isOwn = text[open] == '(' && text[open - 1] is ' ' or '\t';
            var after = isOwn ? text.AsSpan(close + 1).IndexOfAnyExcept(' ', '\t') : 0;
            if (!isOwn || after < 0 || !Operators.Contains(text[close + 1 + after]))
            {
                return new FoundAction(tool, text[(open + 1)..close].Trim(), start, close + 1, IsClosed: after >= 0);
            }

            var end = LineEnd(text, close);
            return new FoundAction(tool, text[open..end].Trim('`', ' ', '\r', '\t'), start, end, IsClosed: end < text.Length);
        }

        var lineEnd = LineEnd(text, open);
        var closing = text[open] == '[' ? ']' : ')';
        return new FoundAction(tool, text[(open + 1)..lineEnd].Trim('`', ' ', '\r', '\t', closing), start, lineEnd, IsClosed: false);
    }

    /// <summary>The bracket that closes another one; in JSON those within its texts do not count. Null where there is none.</summary>
    private static int? Closing(string text, int open)
    {
        var (opening, closing) = (text[open], text[open] == '[' ? ']' : ')');
        var isJson = text.AsSpan(open + 1).TrimStart() is ['{', ..];
        var (depth, isText) = (0, false);
        for (var i = open; i < text.Length; i++)
        {
            if (isJson && text[i] == '"')
            {
                isText = !isText;
            }
            else if (isText)
            {
                i += text[i] == '\\' ? 1 : 0;
            }
            else
            {
                depth += text[i] == opening ? 1 : text[i] == closing ? -1 : 0;
                if (depth == 0)
                {
                    return i;
                }
            }
        }

        return null;
    }

    /// <summary>A tool's name as it is known; its case may differ. Null for no tool.</summary>
    private static string? Known(string name, IReadOnlyCollection<string> tools) =>
        tools.FirstOrDefault(tool => tool == name) ?? tools.FirstOrDefault(tool => tool.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static (int Begin, int End)[] Thoughts(string text) =>
        [.. Thought().Matches(text).Select(thought => (thought.Index, thought.Index + thought.Length))];

    private static bool IsThought((int Begin, int End)[] thoughts, int position)
    {
        var place = Array.BinarySearch(thoughts, (position, int.MaxValue));
        return ~place > 0 && position < thoughts[~place - 1].End;
    }

    private static int LineEnd(string text, int from) => text.IndexOf('\n', from) is var found and >= 0 ? found : text.Length;

    /// <summary>An action in a text.</summary>
    /// <param name="Start">Where its tool's name begins.</param>
    /// <param name="End">Where it ends.</param>
    /// <param name="IsClosed">Whether it ends there whatever follows the text.</param>
    private readonly record struct FoundAction(string Tool, string Argument, int Start, int End, bool IsClosed);

    // What a text means must not depend on the clock: these expressions go back over nothing, so that they take time in proportion to it,
    // and have no limit of time.
    [GeneratedRegex(@"(?<=^|[\n\r])(?>[ \t`*]*)(?<tool>(?>\w+(?:[./-]+\w+)*))(?>[ \t]*)[\[(]", RegexOptions.CultureInvariant,
        Timeout.Infinite)]
    private static partial Regex LoneAction();

    [GeneratedRegex(@"(?<![\w./-])(?<tool>(?>\w+(?:[./-]+\w+)*))(?>[ \t]*)[\[(]", RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Call();

    /// <summary>A name, behind the first line of a code fence if there is one.</summary>
    [GeneratedRegex(@"\G(?>[ \t*""'\n\r]*)(?:```\w*[ \t]*[\r\n]+)?(?>[ \t`*""'\n\r]*)(?<name>\w+(?:[./-]+\w+)*)[`*""']*[ \t]*",
        RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Name();

    [GeneratedRegex(@"\G[ \t\r\n]*\[", RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex NextBracket();

    [GeneratedRegex(@"\G[ \t\r\n]*[*_]*action[ \t]+input[*_]*[ \t]*[:：][*_]*[ \t]*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Input();

    /// <summary>Reasoning, up to the end of the text where it does not end.</summary>
    [GeneratedRegex(@"<think>.*?(?:</think>|\z)", RegexOptions.Singleline | RegexOptions.CultureInvariant, Timeout.Infinite)]
    private static partial Regex Thought();
}
