using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>The pages of all layers and which of them belong to the documents of one batch.</summary>
/// <param name="Pages">[layers].</param>
/// <param name="BatchIsWhole">True when every document of the batch starts at position 0.</param>
public readonly record struct KeyValueCacheView(KeyValuePages[] Pages, PageTable Table, bool BatchIsWhole)
{
    internal LayerCache Layer(int layer) => new(Pages[layer], BatchIsWhole);
}
