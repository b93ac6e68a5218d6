using System.Runtime.ExceptionServices;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Jinja;
using Rebound.Models.Adapters;
using Rebound.Models.Configuration;
using Rebound.Text;

namespace Rebound.Models;

/// <summary>
/// An opened model in any format: a Hugging Face folder, a GGUF file, or a folder whose weights are one GGUF file; and a low-rank
/// adapter beside it. Configuration and headers are read on opening; the tokenizer on first use.
/// </summary>
public sealed class ModelSource : IDisposable
{
    private readonly Lazy<ChatTemplate?> _chatTemplate;
    private readonly Lazy<IReadOnlyList<int>> _namedEndTokenIds;
    private readonly Lazy<IReadOnlyList<int>> _endTokenIds;

    private ModelSource(
        string location,
        JsonObject configJson,
        LlamaConfig config,
        JsonObject? generationConfig,
        ITensorSource tensors,
        TokenizerSource tokenizer,
        IReadOnlyList<string> warnings)
    {
        Location = location;
        ConfigJson = configJson;
        Config = config;
        GenerationConfigJson = generationConfig;
        Tensors = tensors;
        TokenizerSource = tokenizer;
        Warnings = warnings;
        _chatTemplate = new Lazy<ChatTemplate?>(() => ChatTemplateSource is { } text ? ChatTemplate.Parse(text) : null);
        _namedEndTokenIds = new Lazy<IReadOnlyList<int>>(FindNamedEndTokenIds);
        _endTokenIds = new Lazy<IReadOnlyList<int>>(
            () => HasTokenizer ? [.. NamedEndTokenIds.Union(EndOfTurnTokens.Of(Tokenizer))] : NamedEndTokenIds);
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

    /// <summary>Asks <see cref="Load"/>, and a merge, to stop in the middle of the weights.</summary>
    public CancellationToken Interrupted { get; set; }

    /// <summary>The adapter, or null.</summary>
    public AdapterFolder? Adapter { get; private init; }

    /// <summary>Defects of the model's files and how they were resolved, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The tokenizer and the chat templates, which may be absent.</summary>
    public TokenizerSource TokenizerSource { get; }

    public bool HasTokenizer => TokenizerSource.Exists;

    /// <exception cref="CheckpointException">The model has no tokenizer.</exception>
    /// <exception cref="TokenizerException">The tokenizer is not one that is read.</exception>
    public Tokenizer Tokenizer => TokenizerSource.Tokenizer;

    /// <summary>The <c>tokenizer.json</c>.</summary>
    /// <exception cref="CheckpointException">The model has no tokenizer.</exception>
    public JsonObject TokenizerJson => TokenizerSource.Json;

    /// <summary>The <c>tokenizer_config.json</c>, chat template included wherever it was stored; empty when there is none.</summary>
    public JsonObject TokenizerConfigJson => TokenizerSource.Config;

    /// <summary>
    /// The text of the chat template: the only one, or the one named default and that named tool_use; null when the model has none.
    /// </summary>
    /// <exception cref="CheckpointException">There are several and none is the default.</exception>
    public ChatTemplateText? ChatTemplateSource => TokenizerSource.ChatTemplate;

    /// <summary>The chat template, or null when the model has none.</summary>
    /// <exception cref="CheckpointException">There are several and none is the default.</exception>
    /// <exception cref="ChatTemplateException">It is no template.</exception>
    public ChatTemplate? ChatTemplate => _chatTemplate.Value;

    /// <summary>The text of the token that begins a sequence; empty when the model has none.</summary>
    public string BosToken => TokenizerSource.SpecialToken(TokenizerSource.BosTokenKey, Config.BosTokenId);

    /// <summary>The text of the token that ends a sequence; empty when the model has none.</summary>
    public string EosToken =>
        TokenizerSource.SpecialToken(TokenizerSource.EosTokenKey, Config.EosTokenIds is [var first, ..] ? first : null);

    /// <summary>
    /// The tokens that the model's files name as ends of a sequence: those of the configuration, those of the generation
    /// configuration, and the tokenizer's own.
    /// </summary>
    public IReadOnlyList<int> NamedEndTokenIds => _namedEndTokenIds.Value;

    /// <summary>
    /// Every token after which generation stops: <see cref="NamedEndTokenIds"/>, and those whose text is a known end of a turn, such
    /// as <c>&lt;|im_end|&gt;</c>.
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
            return UnusableModel.File(folderOrGguf) is { } problem ? throw problem : OpenGguf(folderOrGguf);
        }

        WholeFolder.Restore(folderOrGguf);
        ModelPublication.Finish(folderOrGguf);
        if (AdapterFolder.Exists(folderOrGguf) && !File.Exists(Path.Combine(folderOrGguf, ModelFiles.Config)))
        {
            return Open(model: null, folderOrGguf);
        }

        return Directory.Exists(folderOrGguf)
            ? OpenFolder(folderOrGguf)
            : throw UnusableModel.Absent(folderOrGguf);
    }

    /// <summary>Opens a model and an adapter beside it. The adapter's own tokenizer and generation configuration come first.</summary>
    /// <param name="model">As for <see cref="Open(string)"/>; null for what the adapter says that it was trained on.</param>
    /// <exception cref="CheckpointException">One of them cannot be used, or the base model is not found.</exception>
    public static ModelSource Open(string? model, string adapterFolder)
    {
        ModelPublication.Finish(adapterFolder);
        var adapter = AdapterFolder.Open(adapterFolder);
        ModelSource? source = null;
        try
        {
            source = Open(model ?? adapter.FindBaseModel());
            if (source.Adapter is not null)
            {
                throw new CheckpointException(source.Location, null, "It is an adapter itself; name the model that it was trained on.");
            }

            var generationPath = Path.Combine(adapterFolder, ModelFiles.GenerationConfig);
            var hasTokenizer = File.Exists(Path.Combine(adapterFolder, ModelFiles.Tokenizer));
            return new ModelSource(
                source.Location,
                source.ConfigJson,
                source.Config,
                File.Exists(generationPath) ? JsonFile.Read(generationPath) : source.GenerationConfigJson,
                source.Tensors,
                hasTokenizer ? TokenizerSource.Of(adapterFolder, gguf: null) : source.TokenizerSource,
                source.Warnings)
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
    /// <exception cref="OperationCanceledException"><see cref="Interrupted"/> was cancelled.</exception>
    public LlamaModel Load(Backend backend, bool trained = false)
    {
        var tensors = new InterruptibleTensors(Tensors, Interrupted);
        var model = LlamaModel.Load(backend, Config, tensors, trained && Adapter is null);
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

    /// <summary>Reads a copy of the model into the memory of every backend, all at the same time.</summary>
    /// <returns>In the order of the backends; all are there, or none.</returns>
    /// <inheritdoc cref="Load" path="/exception"/>
    public IReadOnlyList<LlamaModel> LoadCopies(IReadOnlyList<Backend> backends)
    {
        var copies = new LlamaModel?[backends.Count];
        try
        {
            Task.WaitAll([.. backends.Select((backend, i) => Task.Run(() => copies[i] = Load(backend)))]);
            return copies!;
        }
        catch (AggregateException e)
        {
            foreach (var copy in copies)
            {
                copy?.Dispose();
            }

            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            throw;
        }
    }

    /// <summary>Reads the adapter alone, for weights that another model has in memory.</summary>
    /// <param name="loaded">A model of the same weights; it outlives the result.</param>
    /// <exception cref="CheckpointException">The adapter is not one of such a model.</exception>
    public LlamaModel LoadBeside(LlamaModel loaded) => loaded.Share(Adapter?.Load(loaded.Backend, Config));

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
                path, gguf.Config, LlamaConfig.Parse(gguf.Config, path), null, gguf, TokenizerSource.Of(gguf), gguf.Warnings);
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
            var configPath = Path.Combine(folder, ModelFiles.Config);
            List<string> warnings = [.. gguf?.Warnings ?? []];
            var (configJson, configOf) = File.Exists(configPath) ? (JsonFile.Read(configPath), configPath)
                : gguf is not null ? (gguf.Config, gguf.Location)
                : throw UnusableModel.WithoutConfiguration(folder);
            var config = LlamaConfig.Parse(configJson, configOf);
            if (config.TieWordEmbeddings && TiedHead.IsAnother(tensors))
            {
                warnings.Add(
                    $"{configOf} ties the head to the embedding, but lm_head.weight is there and differs from it: it is used as it is. "
                    + $"'{HuggingFaceFolder.TieKey}' should be false.");
                configJson[HuggingFaceFolder.TieKey] = false;
                config = config with { TieWordEmbeddings = false };
            }

            var generationPath = Path.Combine(folder, ModelFiles.GenerationConfig);
            return new ModelSource(
                folder,
                configJson,
                config,
                File.Exists(generationPath) ? JsonFile.Read(generationPath) : null,
                tensors,
                TokenizerSource.Of(folder, gguf),
                warnings);
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
            [] => throw UnusableModel.WithoutWeights(folder),
            var files => throw new CheckpointException(
                folder, null, $"The folder holds {files.Length} .gguf files; name the one to open."),
        };
    }

    private List<int> FindNamedEndTokenIds()
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

            if (entry is not JsonValue value || !value.TryGetValue<int>(out var id))
            {
                throw new CheckpointException(
                    Path.Combine(Location, ModelFiles.GenerationConfig),
                    null,
                    $"'{key}' is {node!.ToJsonString()}, not a token id or a list of them.");
            }

            // −1 is an old way to write "none".
            if (id >= 0)
            {
                yield return id;
            }
        }
    }
}
