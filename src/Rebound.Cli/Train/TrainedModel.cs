using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Checkpoints;
using Rebound.Training;
using Rebound.Trajectories;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>The model of a run: where its weights come from, and the files that checkpoints and the end of the run have.</summary>
internal sealed class TrainedModel(TrainSettings settings, ModelSource source, RunData data)
{
    /// <summary>A few small tensors that tell models of one shape apart.</summary>
    private const int FingerprintedNorms = 4;

    private readonly JsonObject? _generationConfig = GenerationConfig(source, data);

    /// <summary>The model with the weights that training starts from, or those of a checkpoint.</summary>
    /// <exception cref="CheckpointException">They are not those of this model.</exception>
    public LlamaModel Load(Backend backend, string? checkpoint)
    {
        if (checkpoint is null)
        {
            return LlamaModel.Load(backend, source.Config, source.Tensors);
        }

        using var tensors = new SafetensorsFolder(checkpoint);
        return LlamaModel.Load(backend, source.Config, tensors);
    }

    /// <summary>Writes all that inference needs into a folder that is there.</summary>
    public void Write(string folder, LlamaModel model, StoredFloatType type, int steps, double epochs)
    {
        var options = new HuggingFaceFolderOptions { Type = type, GenerationConfig = _generationConfig };
        HuggingFaceFolder.WriteFiles(
            folder, source.ConfigJson, model.Weights, source.TokenizerJson, source.TokenizerConfigJson, options);
        JsonFile.Write(Path.Combine(folder, AgentCard.FileName), Card(steps, epochs).ToJson());
    }

    /// <summary>What tells the model that training starts from apart from others.</summary>
    public string Identity()
    {
        var norms = source.Tensors.Tensors.Values
            .Where(tensor => tensor.Shape.Count == 1)
            .OrderBy(tensor => tensor.Name, StringComparer.Ordinal)
            .Take(FingerprintedNorms);
        var crc = 0U;
        foreach (var norm in norms)
        {
            var values = new float[norm.Count];
            source.Tensors.Read(norm.Name, values);
            crc ^= Crc32C.Of(MemoryMarshal.AsBytes<float>(values));
        }

        var config = Crc32C.Of(Encoding.UTF8.GetBytes(source.ConfigJson.ToJsonString()));
        return $"config {config:x8}, weights {crc:x8}";
    }

    private AgentCard Card(int steps, double epochs) => new()
    {
        Task = settings.TaskName,
        BaseModel = settings.Model,
        Method = data.Rendered.Dataset.Prompting.MethodName,
        Prompt = data.Rendered.Dataset.Prompting.Prompt,
        Renderer = data.Rendered.Renderer.Name,
        StopToken = data.Rendered.Renderer.StopToken,
        TrainedOn = OutcomeCount.Of(data.Training),
        Steps = steps,
        Epochs = epochs,
    };

    /// <summary>The source's, with the token that the model learned to stop with among those that end a sequence.</summary>
    private static JsonObject? GenerationConfig(ModelSource source, RunData data)
    {
        var config = source.GenerationConfigJson?.DeepClone().AsObject();
        if (source.Tokenizer.TryGetId(data.Rendered.Renderer.StopToken, out var stop) && !source.EndTokenIds.Contains(stop))
        {
            config ??= [];
            config["eos_token_id"] = new JsonArray([.. source.EndTokenIds.Append(stop).Select(id => JsonValue.Create(id))]);
        }

        return config;
    }
}
