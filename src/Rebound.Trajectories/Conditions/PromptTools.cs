using System.Text.RegularExpressions;

namespace Rebound.Trajectories.Conditions;

/// <summary>Puts tools into prompts.</summary>
public static class PromptTools
{
    /// <summary>Where a prompt has its tools, a line each (<see cref="ToolLines"/>).</summary>
    public const string Place = "{tools}";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Whether the prompt has a place for its tools.</summary>
    public static bool HasToolsPlace(this PromptTemplate prompt) =>
        prompt.Opening.Any(turn => turn.Content.Contains(Place, StringComparison.Ordinal))
            || Questions(prompt).Any(question => question.HasToolsPlace);

    /// <summary>Whether the prompt speaks of a tool by its name.</summary>
    public static bool Names(this PromptTemplate prompt, string tool)
    {
        var name = new Regex($@"(?<![\w./-]){Regex.Escape(tool)}(?![\w/-])", RegexOptions.CultureInvariant, Patience);
        return prompt.Opening.Select(turn => turn.Content)
            .Concat(Questions(prompt).Select(question => question.Source))
            .Concat(prompt.Conditions.Select(condition => condition.Wording.System ?? ""))
            .Any(name.IsMatch);
    }

    /// <summary>The prompt with its tools in their places.</summary>
    /// <param name="lines">A line for each; may be empty.</param>
    public static PromptTemplate WithTools(this PromptTemplate prompt, string lines) => new(
        prompt.Name,
        [.. prompt.Opening.Select(turn => turn with { Content = turn.Content.Replace(Place, lines, StringComparison.Ordinal) })],
        prompt.Question?.WithTools(lines),
        [.. prompt.Conditions.Select(condition =>
            condition with { Wording = condition.Wording with { Question = condition.Wording.Question?.WithTools(lines) } })],
        prompt.Positive,
        prompt.Negative);

    /// <summary>The prompt with more in its first system turn, or with one of its own where it has none.</summary>
    public static PromptTemplate WithSystem(this PromptTemplate prompt, string text)
    {
        var first = prompt.Opening.Index().FirstOrDefault(turn => turn.Item.Role == Roles.System, (-1, null!)).Index;
        Turn[] opening = first < 0
            ? [new Turn(Roles.System, text, Loss: false), .. prompt.Opening]
            : [.. prompt.Opening.Select((turn, i) => i == first ? turn with { Content = $"{turn.Content}\n\n{text}" } : turn)];
        return new PromptTemplate(prompt.Name, opening, prompt.Question, prompt.Conditions, prompt.Positive, prompt.Negative);
    }

    private static IEnumerable<QuestionPrompt> Questions(PromptTemplate prompt) =>
        prompt.Conditions.Select(condition => condition.Wording.Question).Append(prompt.Question).OfType<QuestionPrompt>();
}
