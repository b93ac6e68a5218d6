using System.CommandLine;
using Rebound.Cli.Configuration;
using Rebound.Cli.Paths;
using Rebound.Cli.Suggestions;
using Rebound.Cli.Terminal;
using Rebound.Files.Yaml;

namespace Rebound.Cli.Study;

/// <summary>An option of another command that a study's file sets.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Place">The file and the line; null for what the study chooses itself.</param>
internal sealed record SetOption(string Name, IReadOnlyList<string> Values, string? Place = null);

/// <summary>
/// A command whose options a study's file sets: the same names, values and checks as on its own command line, with the lines of the file
/// in what is wrong.
/// </summary>
internal sealed class SetOptions
{
    private readonly RootCommand _root = new();
    private readonly CliCommand _command;
    private readonly Dictionary<string, Option> _known;

    public SetOptions(CliCommand command)
    {
        _command = command;
        _root.Options.Clear();
        _root.Subcommands.Add(command);
        HomePaths.Understand(_root);
        _known = command.Options.SelectMany(option => option.Aliases.Prepend(option.Name).Select(name => (name, option)))
            .Where(entry => entry.name.StartsWith("--", StringComparison.Ordinal)).ToDictionary(entry => entry.name, entry => entry.option);
    }

    /// <summary>Reads options from a section.</summary>
    /// <param name="own">Keys that are no options, and are read elsewhere.</param>
    /// <param name="chosen">Options that the study chooses itself.</param>
    /// <exception cref="InputException">There is no such option, or it is not the file's to set.</exception>
    public IReadOnlyList<SetOption> Read(YamlSection section, IReadOnlyCollection<string> own, IReadOnlyCollection<Option> chosen) =>
    [
        .. section.Entries.Where(entry => !own.Contains(entry.Key.Value))
            .Select(entry => Read(section, entry.Key, entry.Value, own, chosen)),
    ];

    private SetOption Read(
        YamlSection section, YamlText key, YamlNode value, IReadOnlyCollection<string> own, IReadOnlyCollection<Option> chosen)
    {
        var name = $"--{key.Value.TrimStart('-').Replace('_', '-')}";
        if (!_known.TryGetValue(name, out var option))
        {
            var known = _known.Where(entry => !chosen.Contains(entry.Value)).Select(entry => entry.Key)
                .Concat(own.Select(other => $"--{other}"));
            throw section.Error(
                key, $"'{_command.Path}' has no option {key.Value}{OptionSuggestion.For(name, _command, [.. known], (meant, set) =>
                    set is null ? meant.TrimStart('-') : $"{meant.TrimStart('-')}: {set}")}");
        }

        return chosen.Contains(option)
            ? throw section.Error(
                key, $"{key.Value} is not set here: the study chooses it for its trainings, or takes it as an option of its own.")
            : new SetOption(option.Name, section.Texts(value, $"'{key.Value}'"), section.Place(key));
    }

    /// <summary>A context as if the options had been typed; of one that is set several times the last counts.</summary>
    /// <exception cref="InputException">A value is wrong; all problems are told.</exception>
    public CommandContext Context(IEnumerable<SetOption> set, CommandContext around)
    {
        var last = set.GroupBy(option => option.Name).Select(same => same.Last()).ToArray();
        var arguments = last.SelectMany(option => option.Values.Select(value => $"{option.Name}={value}"));
        var parse = CommandLine.Parse(_root, [_command.Name, .. arguments]);
        var origins = new OptionOrigins();
        foreach (var option in last.Where(option => option.Place is not null))
        {
            origins.Add(_known[option.Name], option.Place!);
        }

        return UsageErrors.Of(parse, origins) is { Count: > 0 } problems
            ? throw new InputException(string.Join('\n', problems.SkipLast(1)))
            : new CommandContext(parse, origins, around.Terminal, around.Interruption);
    }
}
