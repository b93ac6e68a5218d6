namespace Rebound.Checkpoints.Safetensors;

/// <summary>The tensors of several files in mapped memory.</summary>
/// <param name="mappedOf">The file that a tensor lies in, by Hugging Face's names.</param>
internal sealed class MappedShards(IReadOnlyDictionary<string, IMappedTensors> mappedOf) : IMappedTensors
{
    public nint? Find(string name) => mappedOf.TryGetValue(name, out var mapped) ? mapped.Find(name) : null;

    public void Dispose()
    {
        foreach (var mapped in mappedOf.Values.Distinct())
        {
            mapped.Dispose();
        }
    }
}
