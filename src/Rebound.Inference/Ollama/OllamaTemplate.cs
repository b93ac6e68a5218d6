using System.Text;

namespace Rebound.Inference.Ollama;

/// <summary>
/// A chat template as Ollama has it, in Go's template language: a conversation is what stands around each turn by its role. It is found by
/// rendering conversations with the model's own template, and holds for templates that are no more than that.
/// </summary>
internal sealed class OllamaTemplate
{
    private const string System = "Words-of-the-System";
    private const string Question = "Words-of-the-User";
    private const string Answer = "Words-of-the-Assistant";

    private readonly string _start;
    private readonly (string Before, string After) _system;
    private readonly (string Before, string After) _user;
    private readonly (string Before, string After) _assistant;
    private readonly string _generation;

    /// <param name="render">Renders turns.</param>
    /// <exception cref="FormatException">The template is more than words around turns.</exception>
    public OllamaTemplate(TurnsRenderer render)
    {
        // The words between two turns may be either's, so long as they are the same wherever either stands.
        var asked = Between(render([("user", Question)]), Question);
        var answered = Between(
            render([("user", Question), ("assistant", Answer), ("user", Question)]), Question, Answer, Question);
        var withSystem = Between(render([("system", System), ("user", Question)]), System, Question);
        var afterUser = CommonStart(asked[1], answered[1]);
        var beforeUser = CommonEnd(CommonEnd(asked[0], answered[2]), withSystem[1]);
        _user = (beforeUser, afterUser);
        _assistant = (answered[1][afterUser.Length..], answered[2][..^beforeUser.Length]);
        _system = (withSystem[0], withSystem[1][..^beforeUser.Length]);
        (_start, _generation) = (asked[0][..^beforeUser.Length], asked[1][afterUser.Length..]);
        Check(render);
    }

    /// <summary>The template in Go's language, in one line but for line breaks of its own.</summary>
    /// <param name="question">
    /// Words around the first question, and its place among the conversation's turns, the system's not counted; null for none.
    /// </param>
    /// <exception cref="FormatException">It has characters that mean something else there.</exception>
    public string Write((string Before, string After, int Place)? question)
    {
        var text = new StringBuilder();
        Append("{{ if not .System }}", _start, "{{ end }}{{ range $i, $turn := .Messages }}");
        Append("{{ if eq $turn.Role \"system\" }}", _system.Before, "{{ $turn.Content }}", _system.After);
        Append("{{ else if eq $turn.Role \"user\" }}", _user.Before);
        if (question is var (before, after, place))
        {
            var first = $"{{{{ if or (and $.System (eq $i {place + 1})) (and (not $.System) (eq $i {place})) }}}}";
            Append(first, before, "{{ end }}{{ $turn.Content }}" + first, after, "{{ end }}");
        }
        else
        {
            Append("{{ $turn.Content }}");
        }

        Append("", _user.After, "{{ else if eq $turn.Role \"assistant\" }}", _assistant.Before);
        Append("{{ $turn.Content }}", _assistant.After, "{{ end }}{{ end }}", _generation);
        return text.ToString();

        // Parts of the language and literal text in turn.
        void Append(params string[] parts)
        {
            for (var i = 0; i < parts.Length; i++)
            {
                if (i % 2 == 1 && (parts[i].Contains("{{", StringComparison.Ordinal)
                    || parts[i].Contains("\"\"\"", StringComparison.Ordinal)))
                {
                    throw new FormatException($"its text '{parts[i]}' has {{{{ or three quotes, which Ollama cannot have as text");
                }

                text.Append(parts[i]);
            }
        }
    }

    /// <summary>The conversation as Ollama renders it from what was found.</summary>
    private string Render((string Role, string Content)[] turns) =>
        string.Concat(turns.Select(turn => turn.Role switch
        {
            "system" => _system.Before + turn.Content + _system.After,
            "user" => _user.Before + turn.Content + _user.After,
            _ => _assistant.Before + turn.Content + _assistant.After,
        }).Prepend(turns[0].Role == "system" ? "" : _start).Append(_generation));

    private void Check(TurnsRenderer render)
    {
        (string, string)[] turns =
            [("user", "How much is 1 + 1?"), ("assistant", "2.\nYes, 2."), ("user", "And 2?"), ("assistant", "4"), ("user", "Why\n\nso?")];
        foreach (var length in (int[])[1, 3, 5])
        {
            foreach (var conversation in ((string, string)[][])[turns[..length], [("system", "Be brief."), .. turns[..length]]])
            {
                if (render(conversation) != Render(conversation))
                {
                    throw new FormatException(
                        $"a conversation of {conversation.Length} turns is rendered otherwise than by words around each turn");
                }
            }
        }
    }

    /// <summary>A text before, between and after parts that it has once each, in this order.</summary>
    private static string[] Between(string text, params string[] parts)
    {
        var pieces = new string[parts.Length + 1];
        for (var i = 0; i < parts.Length; i++)
        {
            var at = text.IndexOf(parts[i], StringComparison.Ordinal);
            if (at < 0)
            {
                throw new FormatException("a turn's text does not appear in the conversation as it is");
            }

            (pieces[i], text) = (text[..at], text[(at + parts[i].Length)..]);
        }

        pieces[^1] = text;
        return pieces;
    }

    private static string CommonStart(string one, string other) => one[..one.AsSpan().CommonPrefixLength(other)];

    private static string CommonEnd(string one, string other)
    {
        var length = 0;
        while (length < Math.Min(one.Length, other.Length) && one[^(length + 1)] == other[^(length + 1)])
        {
            length++;
        }

        return one[^length..];
    }
}

/// <summary>Renders a conversation, up to where the assistant's next turn begins.</summary>
internal delegate string TurnsRenderer(IReadOnlyList<(string Role, string Content)> turns);
