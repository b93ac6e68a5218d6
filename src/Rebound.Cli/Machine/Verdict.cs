using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Models.Parameters;
using Rebound.Training;

namespace Rebound.Cli.Machine;

/// <summary>
/// Estimates which models can be trained and run here, and how fast, from the memory that a plan takes and from measured matrix
/// products.
/// </summary>
internal sealed class Verdict
{
    /// <summary>Of the time of a training step and of a long prompt on the CPU, what products take.</summary>
    private const double TrainingShare = 0.65;
    private const double PromptShare = 0.9;

    /// <summary>The width of a model, C, whose products take half of a step's time on a GPU; of 4,096 they take 87%, of 576 49%.</summary>
    private const double GpuHalfWidth = 600;

    /// <summary>Seconds that a layer of a decoding step waits for launches on a GPU, whatever its size.</summary>
    private const double GpuLayerWait = 60e-6;

    /// <summary>A step beside frozen weights, as a share of a step of all weights.</summary>
    private const double AdapterStep = 0.79;

    /// <summary>Operations of a parameter and a token: a product has two, and a step three products.</summary>
    private const double ForwardOperations = 2;
    private const double StepOperations = 6;

    /// <summary>Tokens that go through a model at once in the plans.</summary>
    private const int BatchTokens = 2048;

    private readonly string _device;
    private readonly DeviceSpeed _speed;
    private readonly long _available;
    private readonly IReadOnlyList<ModelVerdict> _models;

    private Verdict(Backend backend)
    {
        _device = backend.Description;
        _speed = DeviceSpeed.Measure(backend);
        _available = backend.FreeBytes ?? MemoryFacts.AvailableBytes;
        _models = [.. KnownModel.All.Select(model => Of(model, backend))];
    }

    /// <summary>Measures a device, which takes about a second.</summary>
    public static Verdict Of(Backend backend) => new(backend);

    /// <summary>A sentence, and a row for every model.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"On {_device}, with {_speed.Flops / 1e9:N0} GFLOP/s and {_speed.BytesPerSecond / 1e9:N0} GB/s measured now and "
            + $"{Fact.Bytes(_available)} of memory free, about:";
        yield return $"  {"model",-14}{"parameters",10}{"train all of it",18}{"train an adapter",18}{"write answers",16}";
        foreach (var model in _models)
        {
            yield return $"  {model.Name,-14}{Millions(model.Parameters),10}{model.Training,18}{model.Adapter,18}{model.Answer,16}";
        }

        yield return Sentence();
    }

    public JsonObject ToJson() => new()
    {
        ["device"] = _device,
        ["gflops"] = Math.Round(_speed.Flops / 1e9, 1),
        ["gigabytes_per_second"] = Math.Round(_speed.BytesPerSecond / 1e9, 1),
        ["available_bytes"] = _available,
        ["models"] = new JsonArray([.. _models.Select(model => model.ToJson())]),
    };

    private string Sentence()
    {
        string Largest(Func<ModelVerdict, Ability> ability) => _models.LastOrDefault(model => ability(model).Fits)?.Name ?? "none of these";
        return $"The largest of these to train whole: {Largest(model => model.Training)}; with an adapter (--lora-rank 16): "
            + $"{Largest(model => model.Adapter)}; to chat with: {Largest(model => model.Answer)}.";
    }

    private ModelVerdict Of(KnownModel model, Backend backend)
    {
        var (table, adapter) = (ParameterTable.For(model.Config), LoraLayout.For(model.Config, new LoraSettings()));
        MemoryPlan Plan(LoraLayout? lora) =>
            MemoryPlan.Of(backend, model.Config, lora, new TrainingOptions(), BatchTokens, heldOutBatch: 0, ProcessMemory.CurrentBytes);
        var weights = ParameterSet.BytesOf(table, backend.ElementType);
        var asked = weights + LlamaModel.WorkspaceBytes(backend, model.Config, BatchTokens, backward: false);
        var width = (double)model.Config.HiddenSize;
        var (share, wait) = backend.IsHostMemory
            ? (TrainingShare, 0)
            : (width / (width + GpuHalfWidth), model.Config.Layers * GpuLayerWait);
        var step = share * _speed.Flops / (StepOperations * table.Count);
        return new ModelVerdict(
            model.Name,
            table.Count,
            Ability.Of(Plan(null).Peak, _available, step),
            Ability.Of(Plan(adapter).Peak, _available, step / AdapterStep),
            Ability.Of(asked, _available, PromptShare * _speed.Flops / (ForwardOperations * table.Count)),
            Ability.Of(asked, _available, 1 / ((weights / _speed.BytesPerSecond) + wait)));
    }

    private static string Millions(long parameters) => parameters >= 1_000_000_000
        ? $"{parameters / 1e9:0.0} B"
        : $"{parameters / 1e6:N0} M";
}
