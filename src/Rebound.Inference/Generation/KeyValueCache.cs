using Rebound.Engine;
using Rebound.Models;

namespace Rebound.Inference.Generation;

/// <summary>Pages of keys and values for all layers of a model, shared by the sequences that are being generated.</summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Arena _arena;

    public KeyValueCache(Backend backend, LlamaConfig config, int pages)
    {
        var plan = new ArenaPlan();
        var shape = new Shape(pages, config.KeyValueHeads, PageTable.PageTokens, config.HeadDim);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            plan.Add(new TensorSpec($"keys.{layer}", shape, backend.ElementType));
            plan.Add(new TensorSpec($"values.{layer}", shape, backend.ElementType));
        }

        _arena = backend.Allocate(plan);
        Layers = [.. Enumerable.Range(0, config.Layers).Select(layer => new KeyValuePages(_arena[2 * layer], _arena[(2 * layer) + 1]))];
        Allocator = new PageAllocator(pages);
    }

    /// <summary>[layers].</summary>
    public KeyValuePages[] Layers { get; }

    public PageAllocator Allocator { get; }

    /// <summary>Pages that a sequence of so many tokens takes.</summary>
    public static int PagesFor(int tokens) => (tokens + PageTable.PageTokens - 1) / PageTable.PageTokens;

    public void Dispose() => _arena.Dispose();
}
