namespace Rebound.Inference.Tests;

/// <summary>
/// As much of Go's text/template (https://pkg.go.dev/text/template) as Modelfiles use: if, else if, range with an index, or, and, not, eq.
/// </summary>
internal sealed class GoTemplate
{
    private readonly Queue<(bool IsAction, string Text)> _parts = [];
    private readonly (string Role, string Content)[] _turns;

    private GoTemplate(string template, (string, string)[] turns)
    {
        _turns = turns;
        for (var rest = template; rest.Length > 0;)
        {
            var (start, end) = (rest.IndexOf("{{", StringComparison.Ordinal), rest.IndexOf("}}", StringComparison.Ordinal));
            if (start < 0)
            {
                _parts.Enqueue((false, rest));
                break;
            }

            _parts.Enqueue((false, rest[..start]));
            _parts.Enqueue((true, rest[(start + 2)..end].Trim()));
            rest = rest[(end + 2)..];
        }
    }

    private bool HasSystem => _turns.Any(turn => turn.Role == "system");

    public static string Render(string template, (string, string)[] turns)
    {
        var go = new GoTemplate(template, turns);
        var text = go.Block(new Queue<(bool, string)>(go._parts), index: -1, shown: true, out var stop);
        Assert.Equal("", stop);
        return text;
    }

    /// <summary>Renders up to an end or else, which it gives.</summary>
    private string Block(Queue<(bool IsAction, string Text)> parts, int index, bool shown, out string stop)
    {
        var text = "";
        while (parts.TryDequeue(out var part))
        {
            if (!part.IsAction)
            {
                text += part.Text;
            }
            else if (part.Text == "end" || part.Text.StartsWith("else", StringComparison.Ordinal))
            {
                stop = part.Text;
                return shown ? text : "";
            }
            else if (part.Text.StartsWith("if ", StringComparison.Ordinal))
            {
                text += If(parts, part.Text[3..], index, shown);
            }
            else if (part.Text == "range $i, $turn := .Messages")
            {
                Queue<(bool, string)> after = [];
                for (var i = 0; i < _turns.Length; i++)
                {
                    after = new Queue<(bool, string)>(parts);
                    text += Block(after, i, shown, out _);
                }

                (parts, _) = (after, 0);
            }
            else
            {
                Assert.Equal("$turn.Content", part.Text);
                text += index < 0 ? "" : _turns[index].Content;
            }
        }

        stop = "";
        return shown ? text : "";
    }

    private string If(Queue<(bool, string)> parts, string condition, int index, bool shown)
    {
        var (text, taken) = ("", false);
        for (var stop = $"else if {condition}"; stop != "end";)
        {
            var holds = !taken && shown && Holds(stop["else if ".Length..], index);
            text += Block(parts, index, holds, out stop);
            taken |= holds;
        }

        return text;
    }

    private bool Holds(string condition, int index) => condition switch
    {
        "not .System" => !HasSystem,
        _ when condition.StartsWith("eq $turn.Role ", StringComparison.Ordinal) => _turns[index].Role == condition.Split('"')[1],
        _ when condition.StartsWith("or (and $.System (eq $i ", StringComparison.Ordinal) =>
            condition == $"or (and $.System (eq $i {Number(condition)})) (and (not $.System) (eq $i {Number(condition) - 1}))"
                && index == (HasSystem ? Number(condition) : Number(condition) - 1),
        _ => throw new NotSupportedException(condition),
    };

    private static int Number(string condition) => int.Parse(condition["or (and $.System (eq $i ".Length..].Split(')')[0]);
}
