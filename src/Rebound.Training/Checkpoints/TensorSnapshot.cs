using Rebound.Checkpoints;
using Rebound.Engine;

namespace Rebound.Training.Checkpoints;

/// <summary>A copy in host memory, as fp32, of tensors that go on changing.</summary>
internal sealed class TensorSnapshot : ITensorSource
{
    private readonly Arena _memory;
    private readonly Dictionary<string, int> _places = [];

    /// <summary>Makes room for the tensors of a source.</summary>
    public TensorSnapshot(ITensorSource source)
    {
        (Location, Tensors) = (source.Location, source.Tensors);
        var plan = new ArenaPlan();
        foreach (var tensor in source.Tensors.Values)
        {
            _places.Add(tensor.Name, plan.Add(new TensorSpec(tensor.Name, new Shape(checked((int)tensor.Count)))));
        }

        _memory = Arena.OfHost(plan);
    }

    public string Location { get; }

    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Copies what a source of the same tensors has now.</summary>
    public void Take(ITensorSource source)
    {
        foreach (var (name, place) in _places)
        {
            source.Read(name, _memory[place].AsSpan<float>());
        }
    }

    public void Read(string name, Span<float> destination) => Values(name).CopyTo(destination);

    public bool TryView(string name, out ReadOnlySpan<float> values)
    {
        values = Values(name);
        return true;
    }

    public void Dispose() => _memory.Dispose();

    private Span<float> Values(string name) => _places.TryGetValue(name, out var place)
        ? _memory[place].AsSpan<float>()
        : throw new CheckpointException(Location, name, "There is no such tensor.");
}
