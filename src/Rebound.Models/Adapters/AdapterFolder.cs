using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Models.Parameters;

namespace Rebound.Models.Adapters;

/// <summary>
/// A low-rank adapter as PEFT stores it: a folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>,
/// and, so that it can be used by itself, the tokenizer.
/// </summary>
public sealed class AdapterFolder : IDisposable
{
    private readonly SafetensorsFile _tensors;

    private AdapterFolder(string folder, JsonObject config, SafetensorsFile tensors)
    {
        Location = folder;
        _tensors = tensors;
        Settings = PeftConfigReader.Read(config, Path.Combine(folder, ModelFiles.AdapterConfig));
        BaseModel = Text(config, PeftConfigReader.BaseModelKey);
        BaseRevision = Text(config, PeftConfigReader.RevisionKey);
    }

    public string Location { get; }

    public LoraSettings Settings { get; }

    /// <summary>The base model named by the adapter's configuration, a path or a name; null where it names none.</summary>
    public string? BaseModel { get; }

    /// <summary>The branch, tag or commit of a base model that is a name on the hub; null for its main branch.</summary>
    public string? BaseRevision { get; }

    /// <summary>Whether a folder holds an adapter.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, ModelFiles.AdapterConfig));

    /// <summary>Opens an adapter: its configuration is read, its tensors are not yet.</summary>
    /// <exception cref="CheckpointException">
    /// There is none, a file is damaged, or the configuration asks for what is not supported, which is named.
    /// </exception>
    public static AdapterFolder Open(string folder)
    {
        var weights = Path.Combine(folder, ModelFiles.AdapterWeights);
        if (!Exists(folder) || !File.Exists(weights))
        {
            throw new CheckpointException(folder, null, Absence(folder));
        }

        var tensors = new SafetensorsFile(weights);
        try
        {
            return new AdapterFolder(folder, JsonFile.Read(Path.Combine(folder, ModelFiles.AdapterConfig)), tensors);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Reads the parameters into a backend's memory.</summary>
    /// <exception cref="CheckpointException">The adapter is not one of a model of this configuration.</exception>
    /// <param name="part">The part that this rank updates; null where one updates all.</param>
    public LoraAdapter Load(Backend backend, LlamaConfig config, ParameterPart? part = null)
    {
        try
        {
            return LoraAdapter.Load(backend, config, Settings, _tensors, part);
        }
        catch (ArgumentException exception)
        {
            throw new CheckpointException(Path.Combine(Location, ModelFiles.AdapterConfig), null, exception.Message, exception);
        }
    }

    /// <summary>
    /// The path of the base model: the configuration's, relative to here or to the adapter's folder, or where the hub's cache has a
    /// model of that name. Nothing is downloaded.
    /// </summary>
    /// <exception cref="CheckpointException">It says nothing, or nothing is there.</exception>
    public string FindBaseModel()
    {
        if (BaseModel is null)
        {
            throw new CheckpointException(Location, null, "The adapter does not say what it was trained on; give the model too.");
        }

        string[] places = [BaseModel, Path.Combine(Location, BaseModel)];
        if (Array.Find(places, Path.Exists) is { } found)
        {
            return found;
        }

        if (HubName.Find(BaseModel) is not { } repository)
        {
            throw new CheckpointException(
                Location, null, $"The adapter was trained on '{BaseModel}', which is no folder or file here; give the model too.");
        }

        var revision = BaseRevision is null or HubSnapshots.Main ? "" : $" --revision {BaseRevision}";
        return HubSnapshots.OfEnvironment().Find(repository, BaseRevision) ?? throw new CheckpointException(
            Location,
            null,
            $"The adapter was trained on '{BaseModel}', which is no folder or file here, and not in the hub's cache: "
                + $"'rebound pull {repository}{revision}' gets it, or give the model too.");
    }

    /// <summary>Writes an adapter as a folder, which appears whole or not at all.</summary>
    /// <param name="baseModel">The base model: a path or a name.</param>
    /// <param name="tokenizer">The tokenizer and chat templates, whose files are written too; null for none.</param>
    /// <exception cref="IOException">The target is taken, or the disk refuses.</exception>
    public static void Write(
        string folder,
        LoraAdapter adapter,
        string? baseModel,
        TokenizerSource? tokenizer = null,
        HuggingFaceFolderOptions? options = null)
    {
        options ??= new HuggingFaceFolderOptions();
        ModelFolder.Write(
            folder, options.Overwrite,
            partial => WriteFiles(partial, adapter.Layout.Settings, adapter.Parameters, baseModel, tokenizer, options));
    }

    /// <summary>Writes an adapter's files into a folder that is there.</summary>
    /// <param name="parameters">By PEFT's names.</param>
    /// <inheritdoc cref="Write"/>
    public static void WriteFiles(
        string folder,
        LoraSettings settings,
        ITensorSource parameters,
        string? baseModel,
        TokenizerSource? tokenizer,
        HuggingFaceFolderOptions options)
    {
        SafetensorsWriter.Write(Path.Combine(folder, ModelFiles.AdapterWeights), parameters, parameters.Tensors.Keys, options.Type);
        WholeFile.WriteJson(Path.Combine(folder, ModelFiles.AdapterConfig), PeftConfigWriter.Write(settings, baseModel));
        if (options.GenerationConfig is { } generation)
        {
            WholeFile.WriteJson(Path.Combine(folder, ModelFiles.GenerationConfig), generation);
        }

        tokenizer?.WriteTo(folder);
    }

    public void Dispose() => _tensors.Dispose();

    private static string? Text(JsonObject config, string key) =>
        config[key] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <summary>Why there is no adapter in a place, and what is there instead.</summary>
    private static string Absence(string folder)
    {
        if (File.Exists(folder))
        {
            return $"It is a file; an adapter is a folder with {ModelFiles.AdapterConfig} and {ModelFiles.AdapterWeights}.";
        }

        if (File.Exists(Path.Combine(folder, "adapter_model.bin")) && !File.Exists(Path.Combine(folder, ModelFiles.AdapterWeights)))
        {
            return $"The adapter is in Python's adapter_model.bin; save it with PEFT's safe_serialization as {ModelFiles.AdapterWeights}.";
        }

        if (Exists(folder))
        {
            return $"The folder has an {ModelFiles.AdapterConfig}, but not the adapter's weights, {ModelFiles.AdapterWeights}.";
        }

        return File.Exists(Path.Combine(folder, ModelFiles.Config)) ? "It holds a model, and no adapter to one."
            : !Directory.Exists(folder) && HubName.Help(folder) is { } help ? $"There is no such folder. {help}"
            : $"There is no adapter; expected is a folder with {ModelFiles.AdapterConfig} and {ModelFiles.AdapterWeights}.";
    }
}
