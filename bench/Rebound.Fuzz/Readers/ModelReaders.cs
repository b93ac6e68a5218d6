using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Fuzz.Mutation;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Fuzz.Readers;

/// <summary>The files of models: weights, configurations, adapters.</summary>
internal static class ModelReaders
{
    private static readonly string[] FeedForward = ["ffn_gate", "ffn_up", "ffn_down"];

    /// <summary>Values of a tensor that are read at once at most; a file under a mebibyte has none that are more.</summary>
    private const long MostValues = 1 << 24;

    private static readonly Lazy<CpuBackend> Backend = new(() => new CpuBackend(1));

    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        new("safetensors", new SafetensorsMutator(),
            bench => [File.ReadAllBytes(Path.Combine(Model(bench), "model.safetensors"))], bench => input =>
        {
            using var file = new SafetensorsFile(bench.Write("one.safetensors", input));
            ReadAll(file);
        }),
        new("safetensors-index", JsonMutator.Instance,
            bench => [File.ReadAllBytes(Path.Combine(Sharded(bench), SafetensorsFolder.IndexFileName))], bench => input =>
        {
            bench.Write($"sharded/{SafetensorsFolder.IndexFileName}", input);
            using var folder = new SafetensorsFolder(bench.At("sharded"));
            ReadAll(folder);
        }),
        new("gguf", new GgufMutator(), Ggufs, bench => input => ReadModel(bench.Write("one.gguf", input))),
        InFolder("config", "config.json"),
        InFolder("generation-config", "generation_config.json"),
        InFolder("tokenizer-config", "tokenizer_config.json"),
        new("adapter-config", JsonMutator.Instance, AdapterConfigs, bench => input =>
        {
            bench.Write($"adapter/{ModelFiles.AdapterConfig}", input);
            ReadModel(bench.At("adapter"), bench.At("model"));
        }),
    ];

    /// <summary>The folder of a tiny model on a bench, written when it is first asked for.</summary>
    public static string Model(Workbench bench) => Written(bench.At("model"), maxShardBytes: long.MaxValue);

    private static string Sharded(Workbench bench) => Written(bench.At("sharded"), maxShardBytes: 1 << 12);

    private static string Written(string folder, long maxShardBytes)
    {
        if (!Directory.Exists(folder))
        {
            var options = new HuggingFaceFolderOptions { MaxShardBytes = maxShardBytes, Type = StoredFloatType.BF16 };
            TinyChatModel.Write(folder, config: TinyChatModel.Smallest, options: options);
        }

        return folder;
    }

    /// <summary>A file of a model's folder, with the others as they should be.</summary>
    private static FuzzReader InFolder(string name, string file) => new(
        name, JsonMutator.Instance,
        bench => [File.ReadAllBytes(Path.Combine(Model(bench), file)), .. Workbench.Files(name)], bench => input =>
        {
            bench.Write($"model/{file}", input);
            ReadModel(bench.At("model"));
        });

    /// <summary>All that is read of a model before it is run.</summary>
    private static void ReadModel(string model, string? adapterOf = null)
    {
        using var source = adapterOf is null ? ModelSource.Open(model) : ModelSource.Open(adapterOf, model);
        _ = (source.BosToken, source.EosToken, source.EndTokenIds, source.ChatTemplate);
        if (source.HasTokenizer)
        {
            _ = source.Tokenizer.Decode(source.Tokenizer.Encode("Hello there."));
        }

        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello." });
        _ = source.ChatTemplate?.Render(messages, null, true, source.BosToken, source.EosToken);
        using var loaded = source.Load(Backend.Value);
    }

    private static void ReadAll(ITensorSource source)
    {
        foreach (var (name, tensor) in source.Tensors)
        {
            if (tensor.Count <= MostValues)
            {
                source.Read(name, new float[tensor.Count]);
            }
        }
    }

    private static byte[][] Ggufs(Workbench bench)
    {
        const uint q40 = 2;
        const int blockBytes = 18;
        var plain = TinyGguf.Of(Model(bench)).Build();
        var names = FeedForward.Select(part => $"blk.0.{part}.weight");
        var quantized = names.Aggregate(
            TinyGguf.Of(Model(bench)),
            (builder, name) => builder.RemoveTensor(name).Add(name, [32, 32], q40, new byte[32 * blockBytes])).Build();
        return [plain, quantized];
    }

    private static IReadOnlyList<byte[]> AdapterConfigs(Workbench bench)
    {
        Model(bench);
        TinyChatModel.WriteAdapter(bench.At("adapter"), "model", TinyChatModel.Smallest);
        return [File.ReadAllBytes(bench.At($"adapter/{ModelFiles.AdapterConfig}")), .. Workbench.Files("adapter-config")];
    }
}
