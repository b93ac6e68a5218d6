using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Models.Adapters;
using Rebound.Models.Checkpoints;
using Rebound.Text;

namespace Rebound.Models;

/// <summary>
/// Everything that a model is read from, whatever its form: a Hugging Face folder, a GGUF file, or a folder whose weights are
/// one GGUF file; and a low-rank adapter beside it. Configuration and headers are read when it is opened; the tokenizer when it
/// is first asked for.
/// </summary>
public sealed class ModelSource : IDisposable
{
    private readonly TokenizerSource _tokenizer;
    private readonly Lazy<ChatTemplate?> _chatTemplate;
    private readonly Lazy<IReadOnlyList<int>> _endTokenIds;

    private ModelSource(
        string location,
        JsonObject configJson,
        LlamaConfig config,
        JsonObject? generationConfig,
        ITensorSource tensors,
        TokenizerSource tokenizer)
    {
        Location = location;
        ConfigJson = configJson;
        Config = config;
        GenerationConfigJson = generationConfig;
        Tensors = tensors;
        _tokenizer = tokenizer;
        _chatTemplate = new Lazy<ChatTemplate?>(() => ChatTemplateSource is { } text ? ChatTemplate.Parse(text) : null);
        _endTokenIds = new Lazy<IReadOnlyList<int>>(FindEndTokenIds);
    }

    /// <summary>The folder or file that was opened.</summary>
    public string Location { get; }

    public LlamaConfig Config { get; }

    /// <summary>The <c>config.json</c>, as it stands in the folder or as a GGUF file's metadata give it.</summary>
    public JsonObject ConfigJson { get; }

    /// <summary>The <c>generation_config.json</c>, or null when there is none.</summary>
    public JsonObject? GenerationConfigJson { get; }

    /// <summary>The weights, without the adapter.</summary>
    public ITensorSource Tensors { get; }

    /// <summary>The adapter beside the weights, or null.</summary>
    public AdapterFolder? Adapter { get; private init; }

    public bool HasTokenizer => _tokenizer.Exists;

    /// <exception cref="CheckpointException">The model has no tokenizer.</exception>
    /// <exception cref="TokenizerException">The tokenizer is not one that is read.</exception>
    public Tokenizer Tokenizer => _tokenizer.Tokenizer;

    /// <summary>The <c>tokenizer.json</c>.</summary>
    /// <exception cref="CheckpointException">The model has no tokenizer.</exception>
    public JsonObject TokenizerJson => _tokenizer.Json;

    /// <summary>The <c>tokenizer_config.json</c>, chat template included wherever it was stored; empty when there is none.</summary>
    public JsonObject TokenizerConfigJson => _tokenizer.Config;

    /// <summary>The text of the chat template: the only one, or the one named default; null when the model has none.</summary>
    /// <exception cref="CheckpointException">There are several and none is the default.</exception>
    public string? ChatTemplateSource => _tokenizer.ChatTemplate;

    /// <summary>The chat template, or null when the model has none.</summary>
    /// <exception cref="CheckpointException">There are several and none is the default.</exception>
    /// <exception cref="ChatTemplateException">It is no template.</exception>
    public ChatTemplate? ChatTemplate => _chatTemplate.Value;

    /// <summary>The text of the token that begins a sequence; empty when the model has none.</summary>
    public string BosToken => _tokenizer.SpecialToken(TokenizerSource.BosTokenKey, Config.BosTokenId);

    /// <summary>The text of the token that ends a sequence; empty when the model has none.</summary>
    public string EosToken => _tokenizer.SpecialToken(TokenizerSource.EosTokenKey, Config.EosTokenIds is [var first, ..] ? first : null);

    /// <summary>
    /// Every token after which generation stops: those of the configuration, those of the generation configuration, and
    /// the tokenizer's own end of sequence, such as <c>&lt;|im_end|&gt;</c>.
    /// </summary>
    public IReadOnlyList<int> EndTokenIds => _endTokenIds.Value;

    /// <summary>
    /// Opens a Hugging Face folder, a GGUF file, a folder whose weights are one GGUF file, or an adapter with the model that
    /// it says it was trained on.
    /// </summary>
    /// <exception cref="CheckpointException">
    /// Nothing is there, a file that is needed is absent, or one is damaged or not supported.
    /// </exception>
    public static ModelSource Open(string folderOrGguf)
    {
        if (File.Exists(folderOrGguf))
        {
            return Path.GetExtension(folderOrGguf) == ".safetensors"
                ? throw new CheckpointException(
                    folderOrGguf, null, "These are weights alone; name the folder, where config.json is beside them.")
                : OpenGguf(folderOrGguf);
        }

        if (AdapterFolder.Exists(folderOrGguf) && !File.Exists(Path.Combine(folderOrGguf, HuggingFaceFolder.ConfigFileName)))
        {
            return Open(model: null, folderOrGguf);
        }

        return Directory.Exists(folderOrGguf)
            ? OpenFolder(folderOrGguf)
            : throw new CheckpointException(
                folderOrGguf, null, "There is no such folder or file; expected is a Hugging Face folder or a .gguf file.");
    }

    /// <summary>Opens a model and an adapter beside it. The adapter's own tokenizer and generation configuration come first.</summary>
    /// <param name="model">As for <see cref="Open(string)"/>; null for what the adapter says that it was trained on.</param>
    /// <exception cref="CheckpointException">One of them cannot be used, or the base model is not found.</exception>
    public static ModelSource Open(string? model, string adapterFolder)
    {
        var adapter = AdapterFolder.Open(adapterFolder);
        ModelSource? source = null;
        try
        {
            source = Open(model ?? adapter.FindBaseModel());
            if (source.Adapter is not null)
            {
                throw new CheckpointException(source.Location, null, "It is an adapter itself; name the model that it was trained on.");
            }

            var generationPath = Path.Combine(adapterFolder, HuggingFaceFolder.GenerationConfigFileName);
            var hasTokenizer = File.Exists(Path.Combine(adapterFolder, HuggingFaceFolder.TokenizerFileName));
            return new ModelSource(
                source.Location,
                source.ConfigJson,
                source.Config,
                File.Exists(generationPath) ? JsonFile.Read(generationPath) : source.GenerationConfigJson,
                source.Tensors,
                hasTokenizer ? TokenizerSource.Of(adapterFolder, gguf: null) : source._tokenizer)
            {
                Adapter = adapter,
            };
        }
        catch
        {
            source?.Dispose();
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Reads the weights, and the adapter beside them, into a backend's memory.</summary>
    /// <param name="trained">Whether they are going to be trained; with an adapter that is the adapter.</param>
    /// <exception cref="CheckpointException">Tensors are missing, unknown or of another shape; they are listed.</exception>
    public LlamaModel Load(Backend backend, bool trained = false)
    {
        var model = LlamaModel.Load(backend, Config, Tensors, trained && Adapter is null);
        try
        {
            if (Adapter is not null)
            {
                model.Attach(Adapter.Load(backend, Config));
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Adapter?.Dispose();
        Tensors.Dispose();
    }

    private static ModelSource OpenGguf(string path)
    {
        var gguf = new GgufFile(path);
        try
        {
            return new ModelSource(
                path, gguf.Config, LlamaConfig.Parse(gguf.Config, path), null, gguf, TokenizerSource.Of(gguf));
        }
        catch
        {
            gguf.Dispose();
            throw;
        }
    }

    private static ModelSource OpenFolder(string folder)
    {
        var tensors = OpenTensors(folder);
        try
        {
            var gguf = tensors as GgufFile;
            var configPath = Path.Combine(folder, HuggingFaceFolder.ConfigFileName);
            var (configJson, configOf) = gguf is null || File.Exists(configPath)
                ? (JsonFile.Read(configPath), configPath)
                : (gguf.Config, gguf.Location);
            var generationPath = Path.Combine(folder, HuggingFaceFolder.GenerationConfigFileName);
            return new ModelSource(
                folder,
                configJson,
                LlamaConfig.Parse(configJson, configOf),
                File.Exists(generationPath) ? JsonFile.Read(generationPath) : null,
                tensors,
                TokenizerSource.Of(folder, gguf));
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    private static ITensorSource OpenTensors(string folder)
    {
        if (SafetensorsFolder.Exists(folder))
        {
            return new SafetensorsFolder(folder);
        }

        return Directory.GetFiles(folder, "*.gguf") switch
        {
            [var file] => new GgufFile(file),
            [] => throw new CheckpointException(
                folder,
                null,
                $"The folder holds no weights; expected is {SafetensorsFolder.SingleFileName}, "
                    + $"{SafetensorsFolder.IndexFileName} or one .gguf file."),
            var files => throw new CheckpointException(
                folder, null, $"The folder holds {files.Length} .gguf files; name the one to open."),
        };
    }

    private List<int> FindEndTokenIds()
    {
        List<int> ids = [.. Config.EosTokenIds];
        ids.AddRange(TokenIds("eos_token_id"));
        if (HasTokenizer && EosToken is { Length: > 0 } token && Tokenizer.TryGetId(token, out var id))
        {
            ids.Add(id);
        }

        return [.. ids.Distinct()];
    }

    private IEnumerable<int> TokenIds(string key)
    {
        var node = GenerationConfigJson?[key];
        foreach (var entry in node as JsonArray ?? [node?.DeepClone()])
        {
            if (entry is null)
            {
                continue;
            }

            yield return entry is JsonValue value && value.TryGetValue<int>(out var id) && id >= 0
                ? id
                : throw new CheckpointException(
                    Path.Combine(Location, HuggingFaceFolder.GenerationConfigFileName),
                    null,
                    $"'{key}' is {node!.ToJsonString()}, not a token id or a list of them.");
        }
    }
}
