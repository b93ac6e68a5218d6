using System.CommandLine;
using Rebound.Files.Messages;

namespace Rebound.Cli.Suggestions;

/// <summary>Suggests options for a name that the command does not have.</summary>
internal static class OptionSuggestion
{
    private const int MostOwners = 3;

    /// <summary>The end of a sentence that says there is no such option: a question, what to do instead, or a full stop.</summary>
    /// <param name="typed">With its dashes, or without any.</param>
    /// <param name="command">The command that does not have it; null where it is about none in particular.</param>
    /// <param name="known">Names of what can be set there, with their dashes.</param>
    /// <param name="spelled">How an option, and a value or null, is written where the name was.</param>
    public static string For(string typed, Command? command, IReadOnlyCollection<string> known, Func<string, string?, string> spelled)
    {
        var name = typed.TrimStart('-').Replace('_', '-').ToLowerInvariant();
        if (typed == "-V")
        {
            return Question([spelled("--version", null)]);
        }

        if (known.Contains($"--{name}"))
        {
            return Question([spelled($"--{name}", null)]);
        }

        if (Renamed(name, command, known) is { } meant)
        {
            return Question([Spelled(meant, spelled)]);
        }

        if (Instead(name) is { } instead)
        {
            return $". {instead}";
        }

        // A word that is well known elsewhere is no slip of another one.
        if (OptionSynonyms.Renamed.Any(entry => entry.Typed.Split(' ').Contains(name)))
        {
            return Elsewhere($"--{name}", command);
        }

        var synonyms = name.Length < 4 ? [] : OptionSynonyms.Renamed.SelectMany(entry => entry.Typed.Split(' '))
            .Where(synonym => synonym.Length > 3 && Renamed(synonym, command, known) is not null).Select(synonym => $"--{synonym}");
        var dashed = typed.StartsWith('-') ? typed : $"--{name}";
        var near = NearestName.FindAll(dashed, known.Concat(synonyms))
            .Select(found =>
                known.Contains(found) ? spelled(found, null) : Spelled(Renamed(found[2..], command, known)!, spelled)).Distinct().ToArray();
        return near.Length > 0 ? Question(near) : Elsewhere($"--{name}", command);
    }

    /// <summary>A question for what was meant.</summary>
    public static string Question(IReadOnlyList<string> names) => $"; did you mean {Listed(names, "or")}?";

    private static string Listed(IReadOnlyList<string> names, string last) => names.Count == 1
        ? names[0]
        : $"{string.Join(", ", names.Take(names.Count - 1))} {last} {names[^1]}";

    /// <summary>The option for another program's name: an entry of <see cref="OptionSynonyms"/> whose options the command has.</summary>
    private static string? Renamed(string name, Command? command, IReadOnlyCollection<string> known) => OptionSynonyms.Renamed
        .Where(entry => entry.Typed.Split(' ').Contains(name))
        .SelectMany(entry => entry.Meant)
        .Select(meant => meant.Split(':') is [var owner, var own] ? owner == command?.Name ? own : "" : meant)
        .FirstOrDefault(meant => meant.Length > 0 && meant.Split('=')[0].Split('+').All(option => known.Contains($"--{option}")));

    private static string Spelled(string meant, Func<string, string?, string> spelled) => meant.Split('=') is [var option, var value]
        ? spelled($"--{option}", value)
        : Listed([.. meant.Split('+').Select(each => spelled($"--{each}", null))], "and");

    private static string? Instead(string name) => OptionSynonyms.Absent
        .Where(entry =>
            entry.Typed.Split(' ').Any(absent =>
                name == absent || (absent.Length > 2 && name.StartsWith($"{absent}-", StringComparison.Ordinal))))
        .Select(entry => entry.Instead).FirstOrDefault();

    /// <summary>The commands that have the option which this one does not.</summary>
    private static string Elsewhere(string name, Command? command)
    {
        var owners = command is null ? [] : CommandTree.Under(CommandTree.RootOf(command))
            .Where(other =>
                other.Subcommands.Count == 0
                    && other.Options.Any(option => !option.Hidden && option.Aliases.Prepend(option.Name).Contains(name)))
            .Select(other => $"'{other.Path}'").ToArray();
        return owners.Length == 0 ? "."
            : owners.Length <= MostOwners ? $"; {Listed(owners, "and")} {(owners.Length == 1 ? "has" : "have")} it."
            : "; other commands have it.";
    }
}
