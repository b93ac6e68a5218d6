using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Jinja;
using Rebound.Text;

namespace Rebound.Checkpoints;

/// <summary>
/// A model's tokenizer and chat template without the model: from the files of its folder, or else from its GGUF file.
/// Each is read when it is first asked for.
/// </summary>
public sealed class TokenizerSource
{
    /// <summary>The key of the token that begins a sequence in a <c>tokenizer_config.json</c>.</summary>
    public const string BosTokenKey = "bos_token";

    /// <summary>The key of the token that ends a sequence in a <c>tokenizer_config.json</c>.</summary>
    public const string EosTokenKey = "eos_token";

    private readonly string _location;
    private readonly Lazy<Tokenizer> _tokenizer;
    private readonly Lazy<JsonObject> _json;
    private readonly Lazy<JsonObject> _config;

    /// <summary>The tokenizer.json of a folder, be it there or not; null where the tokenizer is not one of files.</summary>
    private readonly string? _path;

    private TokenizerSource(
        string location, bool exists, Func<JsonObject, Tokenizer> tokenizer, Func<JsonObject> json,
        Func<JsonObject> config, string? path = null)
    {
        _path = path;
        _location = location;
        Exists = exists;
        _json = new Lazy<JsonObject>(json);
        _config = new Lazy<JsonObject>(config);
        _tokenizer = new Lazy<Tokenizer>(() => tokenizer(_config.Value));
    }

    /// <summary>The metadata of the GGUF file that the tokenizer is from; null where it is from elsewhere.</summary>
    internal GgufMetadata? GgufMetadata { get; private init; }

    /// <summary>Whether there is a tokenizer; a folder may have its configuration and chat template alone.</summary>
    public bool Exists { get; }

    /// <summary>The tokenizer as a model uses it (<see cref="Tokenizer.ForModel"/>).</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    /// <exception cref="TokenizerException">It is not one that is read.</exception>
    public Tokenizer Tokenizer => Exists ? _tokenizer.Value : throw Absent();

    /// <summary>
    /// The tokenizer of the path that was opened: a <c>tokenizer.json</c> that was named as a file keeps its truncation and padding;
    /// otherwise <see cref="Tokenizer"/>.
    /// </summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    /// <exception cref="TokenizerException">It is not one that is read.</exception>
    public Tokenizer NamedTokenizer => _path is not null && _path == _location ? Tokenizer.Load(_path) : Tokenizer;

    /// <summary>The <c>tokenizer.json</c>.</summary>
    public JsonObject Json => Exists ? _json.Value : throw Absent();

    /// <summary>The <c>tokenizer_config.json</c> with the chat template in it; empty when there is none.</summary>
    public JsonObject Config => _config.Value;

    /// <summary>
    /// The chat template: the only one, or the one named default and that named tool_use; null when there is none.
    /// </summary>
    /// <exception cref="CheckpointException">There are several and none is the default.</exception>
    public ChatTemplateText? ChatTemplate => ChatTemplateFiles.Read(Config, _location);

    /// <summary>Opens a <c>tokenizer.json</c>, a folder that has one or a GGUF file, or a GGUF file.</summary>
    /// <exception cref="CheckpointException">Nothing is there, or a GGUF file is damaged or not supported.</exception>
    public static TokenizerSource Open(string path)
    {
        if (Directory.Exists(path))
        {
            return OpenFolder(path);
        }

        if (!File.Exists(path))
        {
            throw new CheckpointException(
                path,
                null,
                HubName.Help(path) is { } help
                    ? $"There is no such folder or file. {help}"
                    : "There is no such folder or file; expected is a tokenizer.json, a folder that has one, or a .gguf file.");
        }

        if (!ForeignFile.IsGguf(path))
        {
            return new TokenizerSource(
                path, exists: true, Loader(path), () => JsonFile.Read(path),
                () => ReadConfig(Path.GetDirectoryName(Path.GetFullPath(path))!), path);
        }

        using var gguf = new GgufFile(path);
        return Of(gguf);
    }

    /// <summary>A tokenizer that was made here.</summary>
    /// <param name="json">The <c>tokenizer.json</c>.</param>
    /// <param name="config">The <c>tokenizer_config.json</c>, chat template included.</param>
    public static TokenizerSource Of(JsonObject json, JsonObject config) =>
        new("The tokenizer", exists: true, _ => Tokenizer.Parse(json), () => json, () => config);

    /// <summary>The tokenizer of a GGUF file, which may be closed afterwards.</summary>
    public static TokenizerSource Of(GgufFile gguf)
    {
        // The JSON form is only a step on the way for a tokenizer of several megabytes: it is not kept for it.
        return new TokenizerSource(
            gguf.Location,
            gguf.HasTokenizer,
            _ => Tokenizer.Parse(gguf.ReadTokenizer()),
            gguf.ReadTokenizer,
            () => gguf.HasTokenizer ? gguf.ReadTokenizerConfig() : [])
        {
            GgufMetadata = gguf.Metadata,
        };
    }

    /// <summary>The tokenizer of a folder, or, where it has none, of the GGUF file in it.</summary>
    public static TokenizerSource Of(string folder, GgufFile? gguf)
    {
        var path = Path.Combine(folder, ModelFiles.Tokenizer);
        return File.Exists(path) || gguf is null
            ? new TokenizerSource(
                folder, File.Exists(path), Loader(path), () => JsonFile.Read(path), () => ReadConfig(folder), path)
            : Of(gguf);
    }

    /// <summary>
    /// The text of a special token: what the configuration names, or, if it does not mention it, the token of
    /// <paramref name="id"/>; empty when there is neither.
    /// </summary>
    /// <exception cref="CheckpointException">The configuration's value is no token.</exception>
    public string SpecialToken(string key, int? id)
    {
        if (Config.TryGetPropertyValue(key, out var node))
        {
            return node is null ? ""
                : node is JsonValue value && value.TryGetValue<string>(out var text) ? text
                : Text(node, "content")
                    ?? throw new CheckpointException(_location, null, $"'{key}' is {node.ToJsonString()}, not a token.");
        }

        return id is { } number && Exists && number < Tokenizer.VocabularySize ? Tokenizer.IdToToken(number) : "";
    }

    /// <summary>
    /// The <c>generation_config.json</c> beside the tokenizer, which says which of its tokens end a text; null where there is
    /// none.
    /// </summary>
    /// <exception cref="CheckpointException">It is damaged.</exception>
    public JsonObject? ReadGenerationConfig()
    {
        var path = Path.Combine(Path.GetDirectoryName(_path) ?? "", ModelFiles.GenerationConfig);
        return _path is not null && File.Exists(path) ? JsonFile.Read(path) : null;
    }

    /// <summary>Writes the files of the tokenizer and its chat templates into a folder: as they are, where they are files.</summary>
    /// <exception cref="CheckpointException">One of them cannot be read.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void WriteTo(string folder)
    {
        if (_path is not null)
        {
            TokenizerFiles.Copy(_path, folder);
        }
        else if (Exists)
        {
            TokenizerFiles.Write(folder, Json, Config);
        }

        if (Exists)
        {
            TokenizerFiles.WriteSpecialTokens(folder, Config);
        }
    }

    private static TokenizerSource OpenFolder(string folder)
    {
        ModelPublication.Finish(folder);
        if (File.Exists(Path.Combine(folder, ModelFiles.Tokenizer)) || Directory.GetFiles(folder, "*.gguf") is not [var file])
        {
            return Of(folder, gguf: null);
        }

        using var gguf = new GgufFile(file);
        return Of(folder, gguf);
    }

    /// <summary>A loader of a <c>tokenizer.json</c>, with the configuration beside it.</summary>
    private static Func<JsonObject, Tokenizer> Loader(string path) => config =>
    {
        if (ForeignFile.GuessInPlaceOfJson(path) is { } guess)
        {
            throw new CheckpointException(path, null, $"It is no tokenizer.json: {guess}.");
        }

        var tokenizer = Tokenizer.Load(path);
        try
        {
            return tokenizer.ForModel(config, OlderTokenizerFiles.AddedTokens(Path.GetDirectoryName(Path.GetFullPath(path))!));
        }
        catch (TokenizerException e)
        {
            throw new TokenizerException($"{Path.GetDirectoryName(path)}: {e.Message}", e);
        }
    };

    private static JsonObject ReadConfig(string folder)
    {
        var path = Path.Combine(folder, ModelFiles.TokenizerConfig);
        var config = File.Exists(path) ? JsonFile.Read(path) : [];
        OlderTokenizerFiles.AddTo(config, folder);
        ChatTemplateFiles.AddTo(config, folder);
        return config;
    }

    private static string? Text(JsonNode? node, string key) =>
        node is JsonObject entry && entry[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private CheckpointException Absent() => new(
        _location, null, $"The model has no tokenizer; expected is {ModelFiles.Tokenizer}, or one in a GGUF file.");
}
