using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>The allocated activations of a model, and the prepared batches that it computes.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly Backend _backend;
    private PreparedBatch? _whole;
    private PreparedBatch? _continuing;

    public Workspace(Backend backend, Activations activations)
    {
        (_backend, Activations) = (backend, activations);
        activations.Memory.Allocate(backend);
        Losses = new float[activations.Memory.Tokens];
    }

    public Activations Activations { get; }

    /// <summary>The most tokens of a batch.</summary>
    public int Tokens => Activations.Memory.Tokens;

    /// <summary>Host memory for the losses of a batch.</summary>
    public float[] Losses { get; }

    /// <summary>Prepares a batch; it serves until the next one is prepared.</summary>
    /// <param name="rows">[R] rows that the head reads.</param>
    /// <param name="cache">Where keys and values of the batch go and earlier ones are; null for none.</param>
    public PreparedBatch Prepare(PackedBatch batch, ReadOnlySpan<int> rows, KeyValueCacheView? cache = null)
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

        prepared.Refill(batch, rows, cache?.Table);
        return prepared;
    }

    /// <summary>The dropout of one forward and backward pass.</summary>
    /// <param name="rate">0 for none.</param>
    public AdapterDropout Dropout(float rate, ulong seed) =>
        rate == 0 ? default : new AdapterDropout(rate, seed, Activations.DropoutScratch.All);

    public void Dispose()
    {
        _whole?.Dispose();
        _continuing?.Dispose();
        Activations.Memory.Dispose();
    }
}
