using Rebound.Files.Yaml;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Study;

/// <summary>The file of a study, read as far as it can be without knowing what its options mean.</summary>
internal sealed class StudyFile
{
    public const string Method = "method";

    private static readonly string[] Keys =
    [
        "models", "data", "methods", "successes", "failures", "seeds", "grid", "train", "tasks", "validation", "likelihood", "keep-models",
    ];

    private StudyFile(YamlSection file)
    {
        file.CheckKeys(Keys);
        File = file;
        Models = ReadModels(file);
        Methods = ReadMethods(file);
        Blocks = ReadBlocks(file);
        KeepsModels = file.Flag("keep-models", otherwise: false);
    }

    public YamlSection File { get; }

    /// <summary>The models by their labels; one alone has none.</summary>
    public IReadOnlyList<(string Label, string Path)> Models { get; }

    /// <summary>The methods with what is set for each alone.</summary>
    public IReadOnlyList<(string Label, YamlSection Options)> Methods { get; }

    /// <summary>Which methods are run with which numbers and seeds.</summary>
    public IReadOnlyList<GridBlock> Blocks { get; }

    public bool KeepsModels { get; }

    /// <exception cref="InputException">It is absent, or no study; the line is named.</exception>
    public static StudyFile Read(string path) => new(YamlSection.Read(path, "study"));

    private static (string, string)[] ReadModels(YamlSection file) => file.Require("models", "the model that training starts from") switch
    {
        YamlText text => [("", text.Value)],
        YamlList list => [.. file.Texts(list, "'models'").Select(model => (
            list.Items.Count == 1 ? "" : Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(model)), model))],
        var node => [.. file.Of(node, "'models'").Entries.Select(model => (
            model.Key.Value, file.TextOf(model.Value, $"'{model.Key.Value}'")))],
    };

    private static (string, YamlSection)[] ReadMethods(YamlSection file) => file.Require("methods", "those that are compared") switch
    {
        YamlMapping mapping => [.. mapping.Entries.Select(method => Known(
            file, method.Key, method.Key.Value, file.Of(method.Value, $"the method '{method.Key.Value}'")))],
        var node => [.. file.Texts(node, "'methods'").Select(method => Known(file, node, method, file.Empty(method)))],
    };

    /// <exception cref="InputException">Neither the label nor what it says is a method.</exception>
    private static (string, YamlSection) Known(YamlSection file, YamlNode place, string label, YamlSection options)
    {
        var name = options.Text(Method) ?? label;
        return TrainingMethods.Find(name) is not null ? (label, options) : throw file.Error(
            options.Find(Method) ?? place,
            $"'{name}' is no method of training: 'method: NAME' under it says which of {string.Join(", ", TrainingMethods.Names)} it is.");
    }

    private GridBlock[] ReadBlocks(YamlSection file)
    {
        var whole = new GridBlock(
            [.. Methods.Select(method => method.Label)],
            file.Counts("successes", 1)?.Select(count => (int?)count).ToArray() ?? [null],
            file.Counts("failures", 0) ?? [],
            Seeds(file) ?? [1]);
        if (file.Find("grid") is not { } grid)
        {
            return whole.Failures.Count > 0
                ? [whole]
                : throw new InputException($"{file.Path} lacks 'failures', how many are learned from: a number, or a list of them.");
        }

        return grid is YamlList list
            ? [.. list.Items.Select(item => ReadBlock(file.Of(item, "each of 'grid'"), whole))]
            : throw file.Error(grid, "'grid' must be a list of mappings with methods, successes, failures and seeds.");
    }

    private GridBlock ReadBlock(YamlSection section, GridBlock whole)
    {
        section.CheckKeys("methods", "successes", "failures", "seeds");
        var methods = section.Find("methods") is { } node ? section.Texts(node, "'methods'") : whole.Methods;
        if (methods.FirstOrDefault(method => Methods.All(known => known.Label != method)) is { } unknown)
        {
            throw section.Error(
                section.Find("methods")!,
                $"'{unknown}' is none of the methods: {string.Join(", ", Methods.Select(method => method.Label))}.");
        }

        return new GridBlock(
            methods,
            section.Counts("successes", 1)?.Select(count => (int?)count).ToArray() ?? whole.Successes,
            section.Counts("failures", 0) ?? whole.Failures,
            Seeds(section) ?? whole.Seeds);
    }

    /// <summary>As listed, or as many as are said, from 1.</summary>
    private static IReadOnlyList<int>? Seeds(YamlSection section) => section.Find("seeds") switch
    {
        null => null,
        YamlList => section.Counts("seeds", 0),
        _ => [.. Enumerable.Range(1, section.Count("seeds", 1)!.Value)],
    };
}

/// <summary>Methods at every one of some numbers of successes and failures, with every one of some seeds.</summary>
/// <param name="Successes">Null for all that there are.</param>
internal sealed record GridBlock(
    IReadOnlyList<string> Methods, IReadOnlyList<int?> Successes, IReadOnlyList<int> Failures, IReadOnlyList<int> Seeds);
