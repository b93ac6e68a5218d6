using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Cli.Options;
using Rebound.Cli.Ranks;
using Rebound.Cli.Suggestions;

namespace Rebound.Cli.Configuration;

/// <summary>
/// The arguments of a command with the options that a configuration file and the environment set: a file's values give
/// way to those of <c>REBOUND_…</c> variables, and these to what is typed. The file is named by <c>--config</c>, or right
/// after the command if that takes no arguments of its own.
/// </summary>
internal sealed class ConfiguredArguments
{
    public const string VariablePrefix = "REBOUND_";

    /// <summary>Variables that set no option: what the developers' tests cannot do without, and a rank tells another.</summary>
    private static readonly string[] OtherVariables = ["REBOUND_REQUIRE_SHARED", "REBOUND_REQUIRE_GPU", RankProgram.Variable];

    private static readonly string[] FileExtensions = [".yml", ".yaml"];

    private readonly Command _command;
    private readonly ParseResult _typed;
    private readonly List<string> _added = [];
    private readonly HashSet<Option> _set = [];

    private ConfiguredArguments(ParseResult typed)
    {
        _typed = typed;
        _command = typed.CommandResult.Command;
    }

    /// <summary>The arguments to parse.</summary>
    public string[] Arguments { get; private set; } = [];

    public OptionOrigins Origins { get; } = new();

    /// <param name="typed">The arguments, options dashed.</param>
    /// <param name="parse">Parses arguments.</param>
    /// <param name="variables">The environment.</param>
    /// <param name="beforeReading">Looks at the path of a file before it is opened; null for nobody.</param>
    /// <exception cref="InputException">The file is absent, no YAML, or it or a variable sets what is no
    /// option; all of these are named.</exception>
    public static ConfiguredArguments Of(
        string[] typed, Func<string[], ParseResult> parse, IReadOnlyDictionary<string, string> variables,
        Action<string>? beforeReading = null)
    {
        var first = parse(typed);
        CheckVariables(first.RootCommandResult.Command, variables);
        var place = PlaceAfterCommand(first, typed);
        var positional = TakesFile(first.CommandResult.Command) && place < typed.Length && IsFile(typed[place]) ? typed[place] : null;
        string[] rest = positional is null ? typed : [.. typed[..place], .. typed[(place + 1)..]];
        var result = positional is null ? first : parse(rest);
        if (ModelFirst(result) is { } model)
        {
            rest = [.. rest[..place], $"{SharedOptions.Model.Name}={model}", .. rest[place..]];
            result = parse(rest);
        }

        var arguments = new ConfiguredArguments(result);
        arguments.AddVariables(variables);
        foreach (var file in new[] { positional, result.GetValue(SharedOptions.Config) }.OfType<string>())
        {
            beforeReading?.Invoke(file);
            arguments.AddFile(file);
        }

        arguments.Arguments = [.. rest[..place], .. arguments._added, .. rest[place..]];
        return arguments;
    }

    /// <summary>The variable that sets an option of this name.</summary>
    public static string VariableOf(string option) =>
        VariablePrefix + option.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    /// <summary>Options that a file and variables may set: the command's and the general ones, by every long name.</summary>
    private IEnumerable<(string Name, Option Option)> Known() =>
        _command.Options.Concat([SharedOptions.Quiet, SharedOptions.Verbose]).SelectMany(option => option.Aliases.Prepend(option.Name)
            .Where(name => name.StartsWith("--", StringComparison.Ordinal))
            .Select(name => (name, option)));

    /// <summary>A variable may be meant for another command than this one, but for some it must be.</summary>
    private static void CheckVariables(Command root, IReadOnlyDictionary<string, string> variables)
    {
        var options = OptionsOf(root).SelectMany(option => option.Aliases.Prepend(option.Name))
            .Where(name => name.StartsWith("--", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        var known = options.Select(VariableOf).Concat(OtherVariables).ToHashSet(StringComparer.Ordinal);
        var problems = variables.Where(variable => variable.Value.Length > 0 && !known.Contains(variable.Key))
            .Select(variable => variable.Key).Order(StringComparer.Ordinal)
            .Select(name => (Name: name, Meant: OptionSuggestion.For(name[VariablePrefix.Length..], null, options, InEnvironment)))
            .Select(variable =>
                $"The variable {variable.Name} sets no option of any command{(variable.Meant == "." ? "; unset it." : variable.Meant)}")
            .ToArray();
        if (problems.Length > 0)
        {
            throw new InputException(string.Join('\n', problems));
        }
    }

    private static IEnumerable<Option> OptionsOf(Command command) => command.Options.Concat(command.Subcommands.SelectMany(OptionsOf));

    private void AddVariables(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, option) in Known())
        {
            if (variables.GetValueOrDefault(VariableOf(name)) is { Length: > 0 } value)
            {
                Add(option, [value], VariableOf(name));
            }
        }
    }

    private void AddFile(string path)
    {
        var known = Known().ToDictionary(entry => entry.Name, entry => entry.Option);
        var problems = new List<string>();
        var here = new Dictionary<Option, ConfigEntry>();
        foreach (var entry in ConfigFile.Read(path, key => known.GetValueOrDefault(NameOf(key))?.ValueType == typeof(JsonObject)))
        {
            var name = NameOf(entry.Key);
            if (!known.TryGetValue(name, out var option))
            {
                problems.Add(
                    $"{path}, line {entry.Line}: '{((CliCommand)_command).Path}' has no option "
                        + $"{entry.Key}{OptionSuggestion.For(name, _command, known.Keys, InYaml)}");
            }
            else if (!here.TryAdd(option, entry))
            {
                problems.Add($"{path}, line {entry.Line}: {entry.Key} sets what {here[option].Key} in line {here[option].Line} has set.");
            }
        }

        if (problems.Count > 0)
        {
            throw new InputException(string.Join('\n', problems));
        }

        foreach (var (option, entry) in here)
        {
            Add(option, entry.Values, $"{path}, line {entry.Line}");
        }
    }

    private static string NameOf(string key) => $"--{key.TrimStart('-').Replace('_', '-')}";

    private void Add(Option option, IReadOnlyList<string> values, string place)
    {
        var isTyped = _typed.GetResult(option) is { Implicit: false };
        if (!isTyped && values.Count > 0 && _set.Add(option))
        {
            _added.AddRange(values.Select(value => $"{option.Name}={value}"));
            Origins.Add(option, place);
        }
    }

    private static string InYaml(string option, string? value) => value is null
        ? option.TrimStart('-')
        : $"{option.TrimStart('-')}: {value}";

    private static string InEnvironment(string option, string? value) => value is null
        ? VariableOf(option)
        : $"{VariableOf(option)}={value}";

    /// <summary>The model that was typed as the first argument of a command; null for none.</summary>
    /// <exception cref="InputException">It was typed as an option too.</exception>
    private static string? ModelFirst(ParseResult typed)
    {
        if (typed.GetResult(SharedOptions.ModelArgument) is not { Tokens: [var model, ..] } || UsageErrors.LooksLikeOption(model.Value))
        {
            return null;
        }

        return typed.GetResult(SharedOptions.Model) is not { Implicit: false }
            ? model.Value
            : throw new InputException(
                $"The model is named twice, '{model.Value}' and {SharedOptions.Model.Name} {typed.GetValue(SharedOptions.Model)}: give one "
                    + "of them. Other text goes after the name of its option.");
    }

    /// <summary>Whether a command takes a configuration file as what follows its name.</summary>
    public static bool TakesFile(Command command) => command is CliCommand { Subcommands.Count: 0 } leaf
        && leaf.Arguments.Count == (leaf.TakesModelFirst ? 1 : 0);

    private static bool IsFile(string argument) =>
        !argument.StartsWith('-') && FileExtensions.Contains(Path.GetExtension(argument).ToLowerInvariant());

    /// <summary>Index of what follows the command's name.</summary>
    private static int PlaceAfterCommand(ParseResult parse, string[] arguments)
    {
        var names = new Stack<string>();
        for (Symbol? symbol = parse.CommandResult.Command; symbol is Command and not RootCommand; symbol = symbol.Parents.FirstOrDefault())
        {
            names.Push(symbol.Name);
        }

        var place = 0;
        foreach (var name in names)
        {
            place = Array.IndexOf(arguments, name, place) + 1;
        }

        return place;
    }
}
