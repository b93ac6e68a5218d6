namespace Rebound.Checkpoints;

/// <summary>File names in the folders of models and adapters, as in transformers and PEFT.</summary>
public static class ModelFiles
{
    public const string Config = "config.json";
    public const string GenerationConfig = "generation_config.json";
    public const string Tokenizer = "tokenizer.json";
    public const string TokenizerConfig = "tokenizer_config.json";
    public const string ChatTemplate = "chat_template.jinja";
    public const string AdapterConfig = "adapter_config.json";
    public const string AdapterWeights = "adapter_model.safetensors";
}
