namespace Rebound.Checkpoints;

/// <summary>Look-ups shared by every tensor source.</summary>
public static class StoredTensors
{
    /// <exception cref="CheckpointException">The name is absent.</exception>
    public static StoredTensor Find(this IReadOnlyDictionary<string, StoredTensor> tensors, string name, string location) =>
        tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new CheckpointException(location, name, $"It is absent; stored are {Listed(tensors.Keys)}.");

    /// <exception cref="CheckpointException">The name is absent.</exception>
    /// <exception cref="ArgumentException">The destination has another number of elements than the tensor.</exception>
    public static StoredTensor Find(
        this IReadOnlyDictionary<string, StoredTensor> tensors, string name, string location, int destinationLength)
    {
        var tensor = tensors.Find(name, location);
        return tensor.Count == destinationLength
            ? tensor
            : throw new ArgumentException(
                $"'{name}' has {tensor.Count} elements and cannot be read into {destinationLength}.", nameof(destinationLength));
    }

    private static string Listed(IEnumerable<string> names)
    {
        const int Most = 3;
        var all = names.ToArray();
        return all.Length <= Most
            ? $"[{string.Join(", ", all)}]"
            : $"{string.Join(", ", all.Take(Most))} and {all.Length - Most} more";
    }
}
