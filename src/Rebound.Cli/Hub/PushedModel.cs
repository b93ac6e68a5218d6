using System.Text;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Files.Json;
using Rebound.Hub;
using Rebound.Training.Checkpoints;
using Rebound.Training.Metrics;
using Rebound.Trajectories;

namespace Rebound.Cli.Hub;

/// <summary>
/// A model, an adapter or a GGUF file as it is pushed: its own files, with names in the place of this machine's paths, and what is known
/// of it.
/// </summary>
internal sealed class PushedModel
{
    private const string BaseModelKey = "base_model_name_or_path";
    private const string RevisionKey = "revision";

    /// <summary>Files that are pushed beside those of the model, where they are there.</summary>
    private static readonly string[] Beside = ["LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"];

    /// <summary>Keys under which transformers keeps the place that a model was read from.</summary>
    private static readonly Dictionary<string, string> PlaceKeys = new()
    {
        [ModelFiles.Config] = "_name_or_path",
        [ModelFiles.TokenizerConfig] = "name_or_path",
    };

    private readonly string? _givenBase;

    private PushedModel(ModelContents contents, string location, string? givenBase)
    {
        (Contents, Location, _givenBase) = (contents, location, givenBase);
        IsFolder = Directory.Exists(location);
        Card = IsFolder ? AgentCard.Find(location) : null;
        AdapterConfig = contents.Form == ModelForm.Adapter ? JsonFile.Read(Path.Combine(location, ModelFiles.AdapterConfig)) : null;
        Base = givenBase is null ? BaseModelName.Find(TrainedOn) : new BaseModelName(givenBase, null, null);
        Options = IsFolder ? RecordedOptions.Of(location) : [];
    }

    public ModelContents Contents { get; }

    /// <summary>The folder or file as it was given.</summary>
    public string Location { get; }

    public bool IsFolder { get; }

    /// <summary>Null for a model that was not trained here.</summary>
    public AgentCard? Card { get; }

    /// <summary>The <c>adapter_config.json</c> of an adapter.</summary>
    public JsonObject? AdapterConfig { get; }

    /// <summary>Null where it is not known by a name on the hub.</summary>
    public BaseModelName? Base { get; }

    /// <summary>Options of the training.</summary>
    public IReadOnlyList<(string Name, string Value)> Options { get; }

    /// <summary>The model that it was trained on as its own files name it: a path or a name.</summary>
    public string? TrainedOn => (string?)(AdapterConfig?[BaseModelKey] as JsonValue) is { Length: > 0 } named ? named : Card?.BaseModel;

    /// <summary>The last metrics of the training; null where there are none.</summary>
    public JsonObject? LastMetrics
    {
        get
        {
            var path = new RunFolder(Contents.Folder).MetricsPath;
            return IsFolder && File.Exists(path) && File.ReadLines(path).LastOrDefault(line => line.EndsWith('}')) is { } line
                ? StrictJson.ParseNode(Encoding.UTF8.GetBytes(line)) as JsonObject
                : null;
        }
    }

    /// <param name="givenBase">The name of the model that it was trained on; null for what its files say.</param>
    /// <exception cref="CheckpointException">There is no model, or a file of it is absent or damaged.</exception>
    public static PushedModel Open(string location, string? givenBase) => new(ModelContents.Of(location), location, givenBase);

    /// <summary>The files, without a model card.</summary>
    public IReadOnlyList<PushFile> Files()
    {
        string[] names = IsFolder
            ? [.. Contents.Files, .. Beside.Where(name => File.Exists(Path.Combine(Location, name)))]
            : [.. Contents.Files];
        return
        [
            .. names.Select(name => FileOf(name, Path.Combine([Contents.Folder, .. name.Split('/')]))),
            .. Card is null ? Array.Empty<PushFile>() : [PushFile.OfBytes(AgentCard.FileName, Bytes(PushedCard(Card).ToJson()))],
        ];
    }

    private PushFile FileOf(string name, string path)
    {
        if (name == ModelFiles.AdapterConfig)
        {
            return PushFile.OfBytes(name, Bytes(PushedConfig()));
        }

        if (PlaceKeys.TryGetValue(name, out var key) && JsonFile.Read(path) is var json && json[key] is JsonValue place
            && place.TryGetValue<string>(out var text) && Path.IsPathRooted(text))
        {
            json.Remove(key);
            return PushFile.OfBytes(name, Bytes(json));
        }

        return PushFile.OfFile(name, path);
    }

    /// <summary>PEFT's configuration with the base model's name, and its commit where that is known.</summary>
    private JsonObject PushedConfig()
    {
        var config = AdapterConfig!.DeepClone().AsObject();
        if (Base is { } model)
        {
            config[BaseModelKey] = model.Name;
            if (_givenBase is null && model.Commit is { } commit && config[RevisionKey] is null)
            {
                config[RevisionKey] = commit;
            }
        }
        else if (TrainedOn is { } path)
        {
            config[BaseModelKey] = LastPart(path);
        }

        return config;
    }

    /// <summary>The agent card without this machine's paths: a task's file stays here.</summary>
    private AgentCard PushedCard(AgentCard card) => card with
    {
        BaseModel = Base?.Name ?? LastPart(card.BaseModel),
        Task = card.Task is { } task && Path.HasExtension(task) ? null : card.Task,
    };

    /// <summary>The name of a path's file or folder.</summary>
    private static string LastPart(string path) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) is { Length: > 0 } name ? name : path;

    private static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes($"{json.ToJsonString(JsonOutput.Indented)}\n");
}
