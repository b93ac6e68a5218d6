namespace Rebound.Checkpoints;

/// <summary>The tensors of one file in mapped memory.</summary>
/// <param name="region">The whole file.</param>
/// <param name="offsets">Where matrices begin whose rows lie in Hugging Face's order, by Hugging Face's names.</param>
internal sealed class MappedTensors(MappedRegion region, IReadOnlyDictionary<string, long> offsets) : IMappedTensors
{
    public nint? Find(string name) => offsets.TryGetValue(name, out var offset) ? region.Start + (nint)offset : null;

    public void Dispose() => region.Dispose();
}
