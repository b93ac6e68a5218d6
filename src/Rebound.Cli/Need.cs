using System.CommandLine;
using System.CommandLine.Parsing;

namespace Rebound.Cli;

/// <summary>Something that a command cannot do without: one of several options or arguments.</summary>
/// <param name="Reason">A description for the message, without a full stop.</param>
/// <param name="AnyOf">The options and arguments of which one is enough.</param>
internal sealed record Need(string Reason, params Symbol[] AnyOf)
{
    /// <summary>
    /// When a command does without it all the same, for help, for example <c>unless --rescore is given</c>; empty for never.
    /// </summary>
    public string Exception { get; init; } = "";

    /// <summary>Whether the exception holds for what was typed.</summary>
    public Func<CommandResult, bool> IsExempt { get; init; } = _ => false;

    /// <summary>The names of what is enough, as a sentence has them.</summary>
    public string Names => Listed([.. AnyOf.Select(NameOf)]);

    /// <summary>For an option's row of help: that it is required, or what does instead; the first of several says it.</summary>
    public string NoteFor(Option option)
    {
        var others = AnyOf.Skip(1).Select(NameOf).ToArray();
        string[] parts = ["required", .. others.Length > 0 ? new[] { $"or {Listed(others)}" } : [],
            .. Exception.Length > 0 ? new[] { Exception } : []];
        return option == AnyOf[0] ? $" ({string.Join(", ", parts)})" : "";
    }

    /// <summary>That an option or argument which is required anyway was not given.</summary>
    public static string Missing(Symbol symbol) => $"{NameOf(symbol)} is required: {symbol.Description}.";

    /// <summary>That it is not met.</summary>
    public string Sentence => $"{Names} is required{(Exception.Length > 0 ? $", {Exception}" : "")}: {Reason}.";

    public bool IsMet(CommandResult result) => AnyOf.Any(symbol => IsGiven(result, symbol)) || IsExempt(result);

    public static bool IsGiven(CommandResult result, Symbol symbol) => symbol switch
    {
        Option option => result.GetResult(option) is { Implicit: false },
        Argument argument => result.GetResult(argument) is { Tokens.Count: > 0 },
        _ => false,
    };

    private static string NameOf(Symbol symbol) => symbol switch
    {
        Option option => option.Name,
        _ => $"<{symbol.Name}>",
    };

    private static string Listed(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
