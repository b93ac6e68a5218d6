using System.Text;

namespace Rebound.Trajectories.Conditions;

/// <summary>
/// Text with a place for the question, in the notation that the reference's prompt files use: <c>{question}</c>, and
/// doubled braces for braces themselves.
/// </summary>
public sealed class QuestionPrompt
{
    /// <summary>The question and nothing else.</summary>
    public static readonly QuestionPrompt Bare = Parse(Place);

    private const string Place = "{question}";

    /// <summary>Literal text around the places: one more than the places.</summary>
    private readonly string[] _literals;

    private QuestionPrompt(string source, string[] literals, bool hasToolsPlace) =>
        (Source, _literals, HasToolsPlace) = (source, literals, hasToolsPlace);

    /// <summary>
    /// Whether it has a place for the tools, <see cref="PromptTools.Place"/>, in which nothing stands until they are known.
    /// </summary>
    public bool HasToolsPlace { get; }

    /// <summary>The text that it was read from.</summary>
    public string Source { get; }

    /// <exception cref="FormatException">
    /// A brace is neither doubled nor part of <c>{question}</c> or <c>{tools}</c>, or no place of the question is there.
    /// </exception>
    public static QuestionPrompt Parse(string text)
    {
        var literals = new List<string>();
        var literal = new StringBuilder();
        var hasToolsPlace = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('{' or '}'))
            {
                literal.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == text[i])
            {
                literal.Append(text[i++]);
            }
            else if (text.AsSpan(i).StartsWith(Place))
            {
                literals.Add(literal.ToString());
                literal.Clear();
                i += Place.Length - 1;
            }
            else if (text.AsSpan(i).StartsWith(PromptTools.Place))
            {
                hasToolsPlace = true;
                i += PromptTools.Place.Length - 1;
            }
            else
            {
                throw new FormatException(
                    $"has a '{text[i]}' at character {i} that is not part of {Place} or {PromptTools.Place}; a brace itself is "
                        + "written twice.");
            }
        }

        literals.Add(literal.ToString());
        return literals.Count > 1
            ? new QuestionPrompt(text, [.. literals], hasToolsPlace)
            : throw new FormatException($"has no {Place}: the model would never see the question.");
    }

    /// <summary>The text with the question in its places.</summary>
    public string Fill(string question) => string.Join(question, _literals);

    /// <summary>The same with literal text before and after it.</summary>
    public QuestionPrompt Surround(string prefix, string suffix) => Parse(Escape(prefix) + Source + Escape(suffix));

    /// <summary>The same with the tools in their places.</summary>
    internal QuestionPrompt WithTools(string lines)
    {
        var source = new StringBuilder();
        for (var i = 0; i < Source.Length; i++)
        {
            if (Source[i] is '{' or '}' && i + 1 < Source.Length && Source[i + 1] == Source[i])
            {
                source.Append(Source, i++, 2);
            }
            else if (Source.AsSpan(i).StartsWith(PromptTools.Place))
            {
                source.Append(Escape(lines));
                i += PromptTools.Place.Length - 1;
            }
            else
            {
                source.Append(Source[i]);
            }
        }

        return Parse(source.ToString());
    }

    private static string Escape(string text) => text.Replace("{", "{{").Replace("}", "}}");
}
