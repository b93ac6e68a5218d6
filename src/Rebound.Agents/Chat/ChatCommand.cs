using Rebound.Text;

namespace Rebound.Agents.Chat;

/// <summary>A command of a chat as it was typed: <c>/name argument</c>.</summary>
/// <param name="Name">One of <see cref="All"/>.</param>
/// <param name="Argument">What follows the name; empty for nothing.</param>
public sealed record ChatCommand(string Name, string Argument)
{
    public const string Condition = "condition";
    public const string Task = "task";
    public const string Tools = "tools";
    public const string Save = "save";
    public const string Retry = "retry";
    public const string Reset = "reset";
    public const string System = "system";
    public const string Temperature = "temperature";
    public const string Seed = "seed";
    public const string Guidance = "guidance";
    public const string Context = "context";
    public const string Good = "good";
    public const string Bad = "bad";
    public const string Help = "help";
    public const string Exit = "exit";

    private const char Sign = '/';
    private const string Quit = "quit";

    /// <summary>Every command, with what it takes and does.</summary>
    public static IReadOnlyList<(string Name, string Argument, string Summary)> All { get; } =
    [
        (Condition, "[NAME]", "the outcome to ask for"),
        (Task, "[NAME]", "another task with its tools, or none"),
        (Tools, "", "what the agent can call"),
        (Retry, "", "the last question, with another seed"),
        (Good, "", "the last answer is a success"),
        (Bad, "", "the last answer is a failure"),
        (Save, "FILE", "write all of it as trajectories"),
        (Reset, "", "begin a new conversation"),
        (Context, "[keep|fresh]", "keep in mind what was said, or not"),
        (System, "[TEXT]", "the system text; - for none"),
        (Temperature, "[N]", "0 takes the likeliest token"),
        (Guidance, "[N]", "away from the negative condition; - for none"),
        (Seed, "[N]", "the seed of the draws"),
        (Help, "", "this list"),
        (Exit, "", "leave, as Ctrl-D does"),
    ];

    /// <summary>What a line is: a command, or a question. Two slashes begin a question with one.</summary>
    /// <exception cref="ArgumentException">There is no such command; the nearest is named.</exception>
    public static (string? Question, ChatCommand? Command) Read(string line)
    {
        var text = line.Trim();
        if (!text.StartsWith(Sign))
        {
            return (text, null);
        }

        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            return (text[1..], null);
        }

        var end = text.AsSpan().IndexOfAny(" \t\n");
        var (typed, argument) = end < 0 ? (text[1..], "") : (text[1..end], text[end..].Trim());
        var name = typed.ToLowerInvariant();
        if (name == Quit)
        {
            name = Exit;
        }

        if (All.All(command => command.Name != name))
        {
            var nearest = (name.Length > 1 && Complete(Sign + name) is [var longer, ..] ? longer[1..] : null) ?? NearestName.Find(name, All.Select(command => command.Name));
            var hint = nearest is null ? "" : $"did you mean /{nearest}? ";
            throw new ArgumentException($"There is no command /{typed}; {hint}/help lists them, and // begins a question with a slash.");
        }

        return (null, new ChatCommand(name, argument));
    }

    /// <summary>The names, with their slash, that a beginning of a line may go on to.</summary>
    public static IReadOnlyList<string> Complete(string beginning) => beginning.StartsWith(Sign)
        ? [.. All.Select(command => Sign + command.Name).Where(name => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))]
        : [];
}
