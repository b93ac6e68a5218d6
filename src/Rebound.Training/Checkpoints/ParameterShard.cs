using System.Text.Json;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Models.Parameters;

namespace Rebound.Training.Checkpoints;

/// <summary>
/// One rank's part of a set of parameters as a file of safetensors: the elements of each tensor that lie in it, by the tensor's name, and
/// in the metadata, under the same name, the whole tensor's shape and which elements they are (<see cref="ShardRange"/>).
/// </summary>
internal sealed class ParameterShard : ITensorSource
{
    private readonly ParameterSet _set;

    private ParameterShard(ParameterSet set)
    {
        _set = set;
        Tensors = set.Table.Slices.Select(slice => (slice.Name, set.OwnRange(slice).Count)).Where(own => own.Count > 0)
            .ToDictionary(own => own.Name, own => new StoredTensor(own.Name, [own.Count], "F32"));
    }

    public string Location => _set.Location;

    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>The file of a rank's part.</summary>
    /// <param name="name">That of the file that has all parts of a single rank, without its extension.</param>
    /// <param name="part">From 1 on.</param>
    public static string FileName(string name, int part, int parts) => parts == 1
        ? $"{name}.safetensors"
        : $"{name}-{part:d5}-of-{parts:d5}.safetensors";

    /// <summary>The set's own part; of one that is not divided the whole tensors.</summary>
    public static ITensorSource SourceOf(ParameterSet set) => set.Part.Count == 1 ? set : new ParameterShard(set);

    /// <summary>Writes the set's own part into a folder; a set that is not divided as an ordinary file of whole tensors.</summary>
    /// <param name="values">The part, as <see cref="SourceOf"/> has it, or a copy of that.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Write(string folder, string name, ParameterSet set, ITensorSource values)
    {
        var path = Path.Combine(folder, FileName(name, set.Part.Index + 1, set.Part.Count));
        var metadata = set.Part.Count == 1 ? null : new ParameterShard(set).Metadata();
        SafetensorsWriter.Write(path, values, values.Tensors.Keys, StoredFloatType.F32, metadata);
    }

    public void Read(string name, Span<float> destination) => _set.ReadOwn(Slice(name), destination);

    public void Dispose()
    {
        // The set is the caller's.
    }

    private Dictionary<string, string> Metadata()
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        foreach (var name in Tensors.Keys.Order(StringComparer.Ordinal))
        {
            var (first, count) = _set.OwnRange(Slice(name));
            metadata.Add(name, JsonSerializer.Serialize(new ShardRange(_set.Tensors[name].Shape, [first, first + count])));
        }

        return metadata;
    }

    private ParameterSlice Slice(string name) =>
        _set.Table.TryFind(name, out var slice) ? slice : throw new ArgumentException($"There is no tensor '{name}'.", nameof(name));
}
