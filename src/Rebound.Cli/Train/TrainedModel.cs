using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Inference;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Checkpoints;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>The model of a run: where its weights come from, and the files that checkpoints and the end of the run have.</summary>
internal sealed class TrainedModel(TrainSettings settings, ModelSource source, RunData data)
{
    private const int FingerprintedNorms = 4;

    private readonly JsonObject? _generationConfig = GenerationConfig(source, data);

    /// <summary>The adapter that is trained beside frozen weights; null when the weights are.</summary>
    public LoraLayout? Adapter { get; } = Layout(settings, source);

    /// <summary>The model with the weights that training starts from, or those of a checkpoint.</summary>
    /// <exception cref="CheckpointException">They are not those of this model.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public LlamaModel Load(Backend backend, string? checkpoint, CancellationToken cancellation)
    {
        if (Adapter is null && checkpoint is not null)
        {
            using var tensors = new SafetensorsFolder(checkpoint);
            return LlamaModel.Load(backend, source.Config, new InterruptibleTensors(tensors, cancellation), trained: true);
        }

        var model = LlamaModel.Load(backend, source.Config, new InterruptibleTensors(source.Tensors, cancellation), trained: Adapter is null);
        try
        {
            if (Adapter is not null)
            {
                model.Attach(LoadAdapter(backend, Adapter.Settings, checkpoint));
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private LoraAdapter LoadAdapter(Backend backend, LoraSettings lora, string? checkpoint)
    {
        if (checkpoint is null)
        {
            return source.Adapter?.Load(backend, source.Config)
                ?? LoraAdapter.Initialize(backend, source.Config, lora, unchecked((ulong)settings.Training.Seed));
        }

        using var folder = AdapterFolder.Open(checkpoint);
        return folder.Load(backend, source.Config);
    }

    /// <summary>Writes all that inference needs into a folder that is there.</summary>
    public void Write(string folder, LlamaModel model, StoredFloatType type, int steps, double epochs)
    {
        var options = new HuggingFaceFolderOptions { Type = type, GenerationConfig = _generationConfig };
        if (model.Adapter is { } adapter)
        {
            var trainedOn = Path.GetFullPath(source.Location);
            AdapterFolder.WriteFiles(folder, adapter, trainedOn, source.TokenizerSource, options);
        }
        else
        {
            HuggingFaceFolder.WriteFiles(folder, source.ConfigJson, model.Weights, source.TokenizerSource, options);
        }

        AskedModel.WriteCard(Card(steps, epochs), folder);
    }

    /// <summary>What tells the model that training starts from apart from others.</summary>
    public string Identity()
    {
        var weights = Crc32C.Of(Encoding.UTF8.GetBytes(string.Join('\n', Fingerprinted().Select(tensor => $"{tensor.Name} {ChecksumOf(tensor):x8}"))));
        var config = Crc32C.Of(Encoding.UTF8.GetBytes(source.ConfigJson.ToJsonString()));
        return $"config {config:x8}, weights {weights:x8}{AdapterIdentity()}";
    }

    /// <summary>
    /// A few norms, and the value projections of the first and the last block: weights of another seed or another training, or
    /// with an adapter merged into them, differ in some of these.
    /// </summary>
    private IEnumerable<StoredTensor> Fingerprinted()
    {
        var byName = source.Tensors.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        return
        [
            .. byName.Where(tensor => tensor.Shape.Count == 1).Take(FingerprintedNorms),
            .. byName.Where(tensor => tensor.Name == ValuesOf(0) || tensor.Name == ValuesOf(source.Config.Layers - 1)),
        ];

        static string ValuesOf(int layer) => $"model.layers.{layer}.self_attn.v_proj.weight";
    }

    private uint ChecksumOf(StoredTensor tensor)
    {
        var values = new float[tensor.Count];
        source.Tensors.Read(tensor.Name, values);
        return Crc32C.Of(MemoryMarshal.AsBytes<float>(values));
    }

    /// <summary>What decides an adapter's training: its settings, and where its parameters start.</summary>
    private string AdapterIdentity()
    {
        if (Adapter is null)
        {
            return "";
        }

        var start = source.Adapter is null ? "" : $" from {Path.GetFullPath(source.Adapter.Location)}";
        return $", {AdapterView.Describe(Adapter)}{start}";
    }

    private static LoraLayout? Layout(TrainSettings settings, ModelSource source)
    {
        if (source.Adapter is { } adapter && settings.Lora is not null)
        {
            throw new InputException(
                $"{adapter.Location} is an adapter, which is trained on as it is: leave out the --lora options, or merge it first (rebound merge).");
        }

        return (settings.Lora ?? source.Adapter?.Settings) is { } lora ? LoraLayout.For(source.Config, lora) : null;
    }

    private AgentCard Card(int steps, double epochs) => new()
    {
        Task = settings.TaskName,
        BaseModel = settings.Model,
        Method = data.Rendered.Dataset.Prompting.MethodName,
        Prompt = AskedPrompt(data.Rendered.Dataset),
        ToolFormat = data.Rendered.Dataset.Agent.Format?.Name(),
        Tools = data.Rendered.Dataset.Agent.Schemas,
        Renderer = data.Rendered.Renderer.Name,
        Reasoning = data.Rendered.Renderer.Reasoning,
        StopToken = data.Rendered.Renderer.StopToken,
        TrainedOn = OutcomeCount.Of(data.Training),
        Steps = steps,
        Epochs = epochs,
    };

    /// <summary>The prompt that the model learned with, opened by the system turn that all its conversations have.</summary>
    private static PromptTemplate? AskedPrompt(Dataset dataset) => (dataset.Prompting.Prompt, dataset.Agent.System) switch
    {
        (var prompt, null) => prompt,
        (null, { } system) => PromptTemplate.OfSystem(system),
        ({ } prompt, { } system) => prompt.OpenedBy(system),
    };

    /// <summary>The source's, with the token that the model learned to stop with among those that end a sequence.</summary>
    private static JsonObject? GenerationConfig(ModelSource source, RunData data)
    {
        var config = source.GenerationConfigJson?.DeepClone().AsObject();
        if (source.Tokenizer.TryGetId(data.Rendered.Renderer.StopToken, out var stop) && !source.NamedEndTokenIds.Contains(stop))
        {
            config ??= [];
            config["eos_token_id"] = new JsonArray([.. source.NamedEndTokenIds.Append(stop).Select(id => JsonValue.Create(id))]);
        }

        return config;
    }
}
