using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models.Parameters;

namespace Rebound.Models.Adapters;

/// <summary>The parameters of a low-rank adapter on one backend; <see cref="LlamaModel.Attach"/> puts it to work.</summary>
public sealed class LoraAdapter : IDisposable
{
    private LoraAdapter(Backend backend, LoraLayout layout, ParameterPart? part)
    {
        Layout = layout;
        Parameters = new ParameterSet(backend, layout.Parameters, backend.ElementType, exact: true, part);
    }

    public LoraLayout Layout { get; }

    /// <summary>Every A and B; it can be read like a checkpoint, by PEFT's names.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>An adapter that changes nothing yet: A is random, the same for the same seed, and B is zero.</summary>
    /// <exception cref="ArgumentException">No layer of the model is a target, or a setting is out of its range.</exception>
    /// <param name="part">The part that this rank updates; null where one updates all.</param>
    public static LoraAdapter Initialize(
        Backend backend, LlamaConfig config, LoraSettings settings, ulong seed, ParameterPart? part = null)
    {
        var adapter = new LoraAdapter(backend, LoraLayout.For(config, settings), part);
        for (var module = 0; module < adapter.Layout.Modules.Count; module++)
        {
            adapter.InitializeDown(adapter.Layout.Modules[module], new CounterRandom(seed, (ulong)module));
        }

        return adapter;
    }

    /// <summary>Reads an adapter's parameters.</summary>
    /// <param name="tensors">By PEFT's names.</param>
    /// <exception cref="ArgumentException">No layer of the model is a target, or a setting is out of its range.</exception>
    /// <exception cref="CheckpointException">Tensors are missing, unknown or of another shape; they are listed.</exception>
    /// <param name="part">The part that this rank updates; null where one updates all.</param>
    public static LoraAdapter Load(
        Backend backend, LlamaConfig config, LoraSettings settings, ITensorSource tensors, ParameterPart? part = null)
    {
        var layout = LoraLayout.For(config, settings);
        ParameterLoader.Check(layout.Parameters, tensors);
        var adapter = new LoraAdapter(backend, layout, part);
        try
        {
            ParameterLoader.Load(adapter.Parameters, tensors);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    public void Dispose() => Parameters.Dispose();

    /// <summary>
    /// Uniform within ±1/√K: Kaiming's with a = √5 (He et al. 2015, arXiv 1502.01852), as PEFT and
    /// <c>torch.nn.Linear</c> have it. An element depends on the seed, its layer's place among the adapted ones, and its
    /// index alone.
    /// </summary>
    private void InitializeDown(LoraModule module, CounterRandom random)
    {
        var shape = Parameters[module.DownName].Shape;
        var values = new float[shape.Count];
        var bound = 1 / Math.Sqrt(shape[1]);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(bound * ((2 * random.Uniform((ulong)i)) - 1));
        }

        Parameters.Write(module.DownName, values);
    }
}
