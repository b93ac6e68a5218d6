using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>The allocated activations of a model, and the prepared batches that it computes.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly Backend _backend;
    private readonly Dictionary<DecodingSize, DecodingStep> _decoding = [];
    private PreparedBatch? _whole;
    private PreparedBatch? _continuing;

    public Workspace(Backend backend, Activations activations)
    {
        (_backend, Activations) = (backend, activations);
        activations.Memory.Allocate(backend);
        (Losses, RowWeights) = (new float[activations.Memory.Tokens], new float[activations.Memory.Tokens]);
    }

    public Activations Activations { get; }

    /// <summary>The most tokens of a batch.</summary>
    public int Tokens => Activations.Memory.Tokens;

    /// <summary>Host memory for the losses of a batch.</summary>
    public float[] Losses { get; }

    /// <summary>Host memory for the weights of a batch's rows.</summary>
    public float[] RowWeights { get; }

    /// <summary>Prepares a batch; it serves until the next one is prepared.</summary>
    /// <param name="rows">[R] rows that the head reads.</param>
    /// <param name="cache">Where keys and values of the batch go and earlier ones are; null for none.</param>
    /// <param name="sources">[T] rows that tokens were drawn for, −1 for the batch's own; empty where all are.</param>
    public PreparedBatch Prepare(
        PackedBatch batch, ReadOnlySpan<int> rows, KeyValueCacheView? cache = null, ReadOnlySpan<int> sources = default)
    {
        // Batches that attend to a cache need other lists than those that hold all there is.
        ref var prepared = ref cache is { BatchIsWhole: false } ? ref _continuing : ref _whole;
        var needed = BatchCapacity.Of(batch, cache?.Table);
        if (prepared is null || !prepared.Capacity.Holds(needed))
        {
            var capacity = (prepared?.Capacity ?? default).GrownTo(needed);
            prepared?.Dispose();
            prepared = null;
            prepared = _backend.AllocateBatch(capacity);
        }

        prepared.Refill(batch, rows, cache?.Table, sources);
        return prepared;
    }

    /// <summary>The steps over decoding batches of a size.</summary>
    public DecodingStep Decoding(DecodingSize size)
    {
        if (!_decoding.TryGetValue(size, out var step))
        {
            _decoding.Add(size, step = new DecodingStep(_backend, size));
        }

        return step;
    }

    /// <summary>The dropout of one forward and backward pass.</summary>
    /// <param name="rate">0 for none.</param>
    public AdapterDropout Dropout(float rate, ulong seed) =>
        rate == 0 ? default : new AdapterDropout(rate, seed, Activations.DropoutScratch.All);

    public void Dispose()
    {
        foreach (var step in _decoding.Values)
        {
            step.Dispose();
        }

        _whole?.Dispose();
        _continuing?.Dispose();
        Activations.Memory.Dispose();
    }
}
