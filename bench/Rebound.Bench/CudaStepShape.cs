using System.Text.Json.Nodes;
using Rebound.Models;
using Rebound.Models.Adapters;

namespace Rebound.Bench;

/// <summary>A model and a recipe whose steps are timed on a GPU.</summary>
internal sealed record CudaStepShape(string Name, LlamaConfig Config, LoraSettings? Lora)
{
    private const string Llama7B =
        """
        {"model_type":"llama","hidden_size":4096,"intermediate_size":11008,"num_hidden_layers":32,
         "num_attention_heads":32,"num_key_value_heads":32,"vocab_size":32000,"max_position_embeddings":4096,
         "rms_norm_eps":1e-5,"rope_theta":10000.0,"tie_word_embeddings":false,"hidden_act":"silu"}
        """;

    private const string SmolLm2 =
        """
        {"model_type":"llama","hidden_size":576,"intermediate_size":1536,"num_hidden_layers":30,
         "num_attention_heads":9,"num_key_value_heads":3,"vocab_size":49152,"max_position_embeddings":8192,
         "rms_norm_eps":1e-5,"rope_theta":100000.0,"tie_word_embeddings":true,"hidden_act":"silu"}
        """;

    public static IReadOnlyList<CudaStepShape> All { get; } =
    [
        new("7b", Parse(Llama7B), null),
        new("7b-lora", Parse(Llama7B), new LoraSettings { Rank = 16, Alpha = 32 }),
        new("smollm2-135m", Parse(SmolLm2), null),
    ];

    private static LlamaConfig Parse(string json) => LlamaConfig.Parse(JsonNode.Parse(json)!.AsObject(), "the bench");
}
