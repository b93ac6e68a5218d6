using System.Text.Json.Nodes;
using Rebound.Checkpoints.Safetensors;
using Rebound.Files;

namespace Rebound.Checkpoints;

/// <summary>Options for writing a model folder.</summary>
public sealed record HuggingFaceFolderOptions
{
    /// <summary>The type in which parameters are stored.</summary>
    public StoredFloatType Type { get; init; } = StoredFloatType.F32;

    /// <summary>Bytes of one file of parameters at most.</summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Whether a model folder that is already there may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The <c>generation_config.json</c>, or null for one with the token ids of the configuration.</summary>
    public JsonObject? GenerationConfig { get; init; }

    /// <summary>Looks at the folder when it is written but not in its place yet; an exception leaves nothing behind.</summary>
    public Action<string>? Check { get; init; }
}

/// <summary>Writes models in the folder layout of Hugging Face's transformers.</summary>
public static class HuggingFaceFolder
{
    /// <summary>The key of a configuration that says whether the head is the embedding.</summary>
    public const string TieKey = "tie_word_embeddings";

    private static readonly string[] TokenIdKeys = ["bos_token_id", "eos_token_id", "pad_token_id"];

    /// <summary>Checks that a model could be written here, so that a long run fails before it starts.</summary>
    /// <exception cref="IOException">
    /// Something is there: a file, or a folder that is neither empty nor, with <paramref name="overwrite"/>, a model's.
    /// </exception>
    public static void CheckTarget(string folder, bool overwrite) => ModelFolder.CheckTarget(folder, overwrite);

    /// <summary>
    /// Writes a complete folder: configurations, parameters, tokenizer. It is written beside its place and renamed at the
    /// end, so that a folder of this name is a whole one, the old or the new.
    /// </summary>
    /// <param name="folder">The folder to be made.</param>
    /// <param name="config">The <c>config.json</c>; its <c>torch_dtype</c> becomes what is written.</param>
    /// <param name="tensors">The parameters, by Hugging Face's names; a tied head is left out.</param>
    /// <param name="tokenizer">The tokenizer and chat templates, whose files are written too; null for none.</param>
    /// <exception cref="IOException">The target is taken (<see cref="CheckTarget"/>), or the disk refuses.</exception>
    public static void Write(
        string folder,
        JsonObject config,
        ITensorSource tensors,
        TokenizerSource? tokenizer,
        HuggingFaceFolderOptions? options = null)
    {
        options ??= new HuggingFaceFolderOptions();
        ModelFolder.Write(folder, options.Overwrite, partial =>
        {
            WriteFiles(partial, config, tensors, tokenizer, options);
            options.Check?.Invoke(partial);
        });
    }

    /// <summary>
    /// Writes the files of a complete folder into one that is there, each flushed to the disk: for callers that put the
    /// whole in its place themselves.
    /// </summary>
    /// <inheritdoc cref="Write"/>
    public static void WriteFiles(
        string folder,
        JsonObject config,
        ITensorSource tensors,
        TokenizerSource? tokenizer,
        HuggingFaceFolderOptions options)
    {
        var tied = config[HuggingFaceFolder.TieKey]?.GetValue<bool>() ?? false;
        var names = tensors.Tensors.Keys.Where(name => !tied || name != ParameterNames.Head);
        SafetensorsWriter.WriteFolder(folder, tensors, names, options.Type, options.MaxShardBytes);
        WholeFile.WriteJson(Path.Combine(folder, ModelFiles.Config), WithType(config, options.Type));
        WholeFile.WriteJson(Path.Combine(folder, ModelFiles.GenerationConfig), options.GenerationConfig ?? GenerationConfig(config));
        tokenizer?.WriteTo(folder);
    }

    /// <summary>The keys of an object that have a value, of those that are asked for.</summary>
    internal static JsonObject Selected(JsonObject from, string[] keys) => new(
        keys.Where(key => from[key] is not null).Select(key => KeyValuePair.Create(key, from[key]?.DeepClone())));

    private static JsonObject WithType(JsonObject config, StoredFloatType type)
    {
        var copy = config.DeepClone().AsObject();
        copy.Remove("dtype");
        copy["torch_dtype"] = type switch
        {
            StoredFloatType.F32 => "float32",
            StoredFloatType.F16 => "float16",
            _ => "bfloat16",
        };
        return copy;
    }

    private static JsonObject GenerationConfig(JsonObject config)
    {
        var generation = Selected(config, TokenIdKeys);
        generation.Insert(0, "_from_model_config", true);
        return generation;
    }
}
