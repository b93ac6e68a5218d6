using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// The metadata of a model's architecture, from its <c>config.json</c>: the inverse of <see cref="GgufConfig"/>, with the keys that
/// llama.cpp's converter writes. What these keys cannot say is refused.
/// </summary>
/// <param name="config">Whole, with every key that <see cref="GgufConfig"/> writes.</param>
/// <param name="location">The model, for messages.</param>
internal sealed class ArchitectureEntries(JsonObject config, string location)
{
    /// <summary>Through text, so that every number is read back as whatever type it is asked for.</summary>
    private readonly JsonObject _config = JsonNode.Parse(config.ToJsonString())!.AsObject();

    /// <summary>llama.cpp's name of the architecture; Mistral's is Llama's.</summary>
    public string Architecture { get; } = config["model_type"]!.GetValue<string>() switch
    {
        "llama" or "mistral" => "llama",
        "qwen2" => "qwen2",
        "qwen3" => "qwen3",
        var other => throw new CheckpointException(location, null, $"A model of type '{other}' cannot be written as GGUF."),
    };

    public int Heads => Count("num_attention_heads");

    public int KeyValueHeads => Count("num_key_value_heads");

    public int HeadDim => Count("head_dim");

    public int Layers => Count("num_hidden_layers");

    public bool Tied => Flag(HuggingFaceFolder.TieKey);

    /// <summary>Whether rows of queries and keys are stored permuted.</summary>
    public bool Permutes => Architecture == "llama";

    /// <summary>The tokens to which attention is confined, 0 for all.</summary>
    public int Window => _config["sliding_window"]?.GetValue<int>() ?? 0;

    /// <summary>Whether llama.cpp counts the model among those of 70 billion parameters, whose value heads get more bits.</summary>
    public bool SharesValues => Layers == 80 && (Architecture == "qwen2" || (Architecture == "llama" && Heads != KeyValueHeads));

    /// <summary>The divisors of llama3 scaling, which are a tensor of the file; null for none.</summary>
    public float[]? RopeFactors => RopeType == "llama3" ? Gguf.RopeFactors.Of(Scaling!, Number("rope_theta"), HeadDim) : null;

    private JsonObject? Scaling => _config["rope_scaling"] as JsonObject;

    private string RopeType => Scaling?["rope_type"]?.GetValue<string>() ?? "default";

    /// <exception cref="CheckpointException">The architecture computes what GGUF's keys cannot say.</exception>
    public void Check()
    {
        if (Window != 0 && Architecture != "llama")
        {
            throw Cannot($"attention in a window of {Window} tokens on some layers ('sliding_window')");
        }

        if (Architecture == "qwen3" && Flag("attention_bias"))
        {
            throw Cannot("attention biases ('attention_bias')");
        }
    }

    public void AddTo(GgufEntries entries, GgufFileType type, string name)
    {
        entries.Add("general.architecture", Architecture);
        entries.Add("general.type", "model");
        entries.Add("general.name", name);
        entries.Add("general.file_type", type.Number);
        entries.Add("general.quantization_version", 2u);
        var prefix = Architecture + ".";
        entries.Add(prefix + "block_count", Layers);
        entries.Add(prefix + "context_length", Count("max_position_embeddings"));
        entries.Add(prefix + "embedding_length", Count("hidden_size"));
        entries.Add(prefix + "feed_forward_length", Count("intermediate_size"));
        entries.Add(prefix + "attention.head_count", Heads);
        entries.Add(prefix + "attention.head_count_kv", KeyValueHeads);
        entries.Add(prefix + "attention.key_length", HeadDim);
        entries.Add(prefix + "attention.value_length", HeadDim);
        entries.Add(prefix + "attention.layer_norm_rms_epsilon", (float)Number("rms_norm_eps"));
        entries.Add(prefix + "rope.freq_base", (float)Number("rope_theta"));
        entries.Add(prefix + "rope.dimension_count", HeadDim);
        entries.Add(prefix + "vocab_size", Count("vocab_size"));
        if (RopeType == "linear")
        {
            entries.Add(prefix + "rope.scaling.type", "linear");
            entries.Add(prefix + "rope.scaling.factor", (float)Scaling!["factor"]!.GetValue<double>());
        }

        if (Window != 0)
        {
            entries.Add(prefix + "attention.sliding_window", Window);
        }
    }

    private int Count(string key) => _config[key]!.GetValue<int>();

    private double Number(string key) => _config[key]!.GetValue<double>();

    private bool Flag(string key) => _config[key]?.GetValue<bool>() ?? false;

    private CheckpointException Cannot(string what) => new(
        location, null, $"GGUF's architecture {Architecture} has no {what}, so the model cannot be written as GGUF.");
}
