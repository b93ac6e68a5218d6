using System.CommandLine;
using Rebound.Files.Messages;

namespace Rebound.Cli.Suggestions;

/// <summary>Suggests commands for a name that is not a command.</summary>
internal static class CommandSuggestion
{
    /// <summary>The end of a sentence that says there is no such command: a question, what to do instead, or a full stop.</summary>
    /// <param name="group">The program, or the command under which it was looked for.</param>
    public static string For(string typed, Command group)
    {
        var name = typed.TrimStart('-').Replace('_', '-').ToLowerInvariant();
        var isProgram = group is RootCommand;
        if (isProgram && Find(CommandSynonyms.Absent, name) is { } instead)
        {
            return $". {instead}";
        }

        var under = CommandTree.Under(group).Where(command => !command.Hidden).ToArray();
        if (under.FirstOrDefault(command => command.Name == name) is { } below)
        {
            return OptionSuggestion.Question([Full(below.Path, isProgram)]);
        }

        if (isProgram && Find(CommandSynonyms.Renamed, name) is { } meant)
        {
            return OptionSuggestion.Question(meant);
        }

        var names = group.Subcommands.Where(command => !command.Hidden).Select(command => command.Name);
        if (NearestName.FindAll(name, names) is { Count: > 0 } near)
        {
            return OptionSuggestion.Question(near);
        }

        var elsewhere = CommandTree.Under(CommandTree.RootOf(group)).Where(command => !command.Hidden && command.Name == name)
            .Select(command => $"'rebound {command.Path}'").ToArray();
        return elsewhere.Length > 0 ? OptionSuggestion.Question(elsewhere) : ".";
    }

    private static string Full(string path, bool isProgram) => isProgram && path.Contains(' ') ? $"'rebound {path}'" : path;

    private static T? Find<T>(IReadOnlyList<(string Typed, T Meaning)> table, string name)
        where T : class => table.Where(entry => entry.Typed.Split(' ').Contains(name)).Select(entry => entry.Meaning).FirstOrDefault();
}
