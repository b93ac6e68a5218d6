using Rebound.Files.Messages;

namespace Rebound.Agents.Chat;

/// <summary>A command of a chat as it was typed: <c>/name argument</c>.</summary>
/// <param name="Name">One of <see cref="All"/>.</param>
/// <param name="Argument">The text after the name; may be empty.</param>
public sealed record SlashCommand(string Name, string Argument)
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
    private const string Settings = "set";

    /// <summary>Names of commands in other chat programs.</summary>
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["quit"] = Exit,
        ["bye"] = Exit,
        ["q"] = Exit,
        ["leave"] = Exit,
        ["end"] = Exit,
        ["clear"] = Reset,
        ["new"] = Reset,
        ["restart"] = Reset,
        ["?"] = Help,
        ["h"] = Help,
        ["commands"] = Help,
        ["again"] = Retry,
        ["regenerate"] = Retry,
        ["regen"] = Retry,
        ["redo"] = Retry,
        ["temp"] = Temperature,
        ["tool"] = Tools,
        ["write"] = Save,
        ["right"] = Good,
        ["correct"] = Good,
        ["wrong"] = Bad,
        ["incorrect"] = Bad,
    };

    /// <summary>Commands of other chat programs that do not exist here, and what to do instead.</summary>
    private static readonly Dictionary<string, string> Absent = new(StringComparer.Ordinal)
    {
        ["model"] = "another model is another chat: leave, and start it with 'rebound chat MODEL'",
        ["load"] = "another model is another chat: leave, and start it with 'rebound chat MODEL'",
        [Settings] = "a setting is a command of its own, for example /temperature 0.5",
        ["show"] = "a command without a value shows it, for example /system or /tools",
        ["undo"] = "/retry asks the last question again, and /reset begins anew",
        ["copy"] = "/save writes the chat to a file",
    };

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

    /// <summary>Reads a line as a command or a question. Two slashes begin a question with one.</summary>
    /// <exception cref="ArgumentException">There is no such command; the nearest is named.</exception>
    public static (string? Question, SlashCommand? Command) Read(string line)
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
        if (name == Settings && SettingOf(argument) is { } setting)
        {
            (name, argument) = setting;
        }

        name = Aliases.GetValueOrDefault(name, name);
        return All.Any(command => command.Name == name)
            ? (null, new SlashCommand(name, argument))
            : throw new ArgumentException(Unknown(typed, name));
    }

    /// <summary>The command that sets what <c>/set name value</c> sets elsewhere; null where it sets nothing here.</summary>
    private static (string Name, string Value)? SettingOf(string argument)
    {
        var words = argument.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words switch
        {
            ["parameter", var more] => SettingOf(more),
            [var name, .. var value] when All.Any(command => command.Name == name) => (name, value.Length > 0 ? value[0] : ""),
            _ => null,
        };
    }

    /// <summary>That there is no such command, and what was meant.</summary>
    private static string Unknown(string typed, string name)
    {
        var names = All.Select(command => command.Name).ToArray();
        var longer = name.Length > 1 ? Complete(Sign + name) : [];
        IReadOnlyList<string> near = longer.Count > 0
            ? longer
            : [.. NearestName.FindAll(name, names.Concat(Aliases.Keys)).Select(found =>
                Sign + Aliases.GetValueOrDefault(found, found)).Distinct()];
        var hint = Absent.TryGetValue(name, out var instead) ? $"{instead}. "
            : near.Count > 0 ? $"did you mean {string.Join(" or ", near)}? "
            : "";
        return $"There is no command {Sign}{typed}; {hint}/help lists them, and // begins a question with a slash.";
    }

    /// <summary>The names, with their slash, that a beginning of a line may go on to.</summary>
    public static IReadOnlyList<string> Complete(string beginning) => beginning.StartsWith(Sign)
        ? [.. All.Select(command => Sign + command.Name).Where(name => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))]
        : [];
}
