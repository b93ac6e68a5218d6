using Rebound.Engine;
using Rebound.Models;

namespace Rebound.Inference.Scheduling;

/// <summary>Pages of keys and values for all layers of a model, shared by the sequences that are being generated.</summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Arena _arena;

    /// <param name="pages">Pages of sequences; there is one more where decoding batches are padded.</param>
    /// <exception cref="InsufficientMemoryException">The device has less memory than that takes.</exception>
    public KeyValueCache(Backend backend, LlamaConfig config, int pages)
    {
        SparePage = backend.CanRecord ? pages : null;
        var plan = Plan(backend, config, SparePage is null ? pages : pages + 1);
        _arena = backend.Allocate(plan);
        Layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new KeyValuePages(_arena[2 * layer], _arena[(2 * layer) + 1]))];
    }

    /// <summary>[layers].</summary>
    public KeyValuePages[] Layers { get; }

    /// <summary>The page that padding writes to and reads from; null where nothing is padded.</summary>
    public int? SparePage { get; }

    /// <summary>Bytes of a page of all layers.</summary>
    public static long PageBytes(Backend backend, LlamaConfig config) => Plan(backend, config, pages: 1).TotalBytes;

    public void Dispose() => _arena.Dispose();

    private static ArenaPlan Plan(Backend backend, LlamaConfig config, int pages)
    {
        var plan = new ArenaPlan();
        var shape = new Shape(pages, config.KeyValueHeads, PageTable.PageTokens, config.HeadDim);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            plan.Add(new TensorSpec($"keys.{layer}", shape, backend.ElementType));
            plan.Add(new TensorSpec($"values.{layer}", shape, backend.ElementType));
        }

        return plan;
    }
}
