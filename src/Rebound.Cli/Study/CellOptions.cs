using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Train;
using Rebound.Study.Grids;

namespace Rebound.Cli.Study;

/// <summary>Trainings of a study, by the options of <c>rebound train</c>.</summary>
internal sealed class CellOptions
{
    private static readonly Dictionary<string, string> DataNames =
        new() { ["positive"] = "--pos-path", ["negative"] = "--neg-path", ["questions"] = "--question-path" };

    private readonly TrainOptions _options = new();
    private readonly SetOptions _set;

    public CellOptions() => _set = new SetOptions(new CliCommand("train", "", _ => ExitCode.Done)
    {
        Groups = TrainGroups.Of(_options),
        MoreOptions = _options.Accepted.All,
    });

    /// <summary>Options that each training gets from the study.</summary>
    private Option[] Chosen =>
    [
        _options.Documents.Model, _options.Documents.PositiveCount, _options.Documents.NegativeCount,
        _options.Documents.PromptOptions.Method,
        _options.Seed, _options.OutputFolder, _options.Overwrite, _options.Saving.Resume, _options.PlanOnly, SharedOptions.Json,
        SharedOptions.Device, SharedOptions.Threads, SharedOptions.ComputeType, _options.Device.Deterministic,
        .. _options.Sharding.All,
    ];

    /// <summary>The options that all trainings share.</summary>
    /// <exception cref="InputException">There is no such option, or it is not the file's to set.</exception>
    public IReadOnlyList<SetOption> Shared(YamlSection file) =>
    [
        new SetOption(_options.ReportTo.Name, ["none"]),
        new SetOption(_options.Saving.Strategy.Name, ["no"]),
        .. file.Section("data") is { } data ? Data(data) : [],
        .. file.Section("train") is { } train ? _set.Read(train, [], Chosen) : [],
    ];

    /// <summary>The options of a method alone.</summary>
    /// <inheritdoc cref="Shared" path="/exception"/>
    public IReadOnlyList<SetOption> Own(YamlSection method) => _set.Read(method, [StudyFile.Method], Chosen);

    /// <summary>The options that a study chooses for a training.</summary>
    /// <param name="folder">Where it may write.</param>
    public IReadOnlyList<SetOption> Choose(string model, string method, int? successes, int failures, int seed, string folder) =>
    [
        new SetOption(_options.Documents.Model.Name, [model]),
        new SetOption(_options.Documents.PromptOptions.Method.Name, [method]),
        new SetOption(_options.Seed.Name, [$"{seed}"]),
        new SetOption(_options.OutputFolder.Name, [folder]),
        .. successes is null ? [] : new[] { new SetOption(_options.Documents.PositiveCount.Name, [$"{successes}"]) },
        .. failures == 0
            ? new[] { new SetOption(_options.Documents.NegativePath.Name, []) }
            : [new SetOption(_options.Documents.NegativeCount.Name, [$"{failures}"])],
    ];

    /// <summary>The training that options amount to.</summary>
    /// <exception cref="InputException">They cannot be used; all problems are told.</exception>
    public GridCell Read(string name, IEnumerable<SetOption> set, CommandContext context)
    {
        var settings = new TrainSettingsReader(_options, _set.Context(set, context)).Read();
        return new GridCell(name, settings.Model, settings.Lora, settings.Run with { TriesLargestBatch = false });
    }

    /// <summary>The data by the words of a study, and by options of training.</summary>
    private IEnumerable<SetOption> Data(YamlSection data) =>
    [
        .. data.Entries.Where(entry => DataNames.ContainsKey(entry.Key.Value)).Select(entry => new SetOption(
            DataNames[entry.Key.Value], [data.TextOf(entry.Value, $"'{entry.Key.Value}'")], data.Place(entry.Key))),
        .. _set.Read(data, DataNames.Keys, Chosen),
    ];
}
