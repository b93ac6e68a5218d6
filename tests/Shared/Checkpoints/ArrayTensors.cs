using Rebound.Checkpoints;

namespace Rebound.Testing;

/// <summary>Tensors in arrays.</summary>
internal sealed class ArrayTensors : ITensorSource
{
    private readonly Dictionary<string, (StoredTensor Tensor, float[] Values)> _tensors = [];

    public string Location => "memory";

    public IReadOnlyDictionary<string, StoredTensor> Tensors =>
        _tensors.ToDictionary(pair => pair.Key, pair => pair.Value.Tensor);

    public ArrayTensors Add(string name, long[] shape, float[] values)
    {
        _tensors.Add(name, (new StoredTensor(name, shape, "F32"), values));
        return this;
    }

    public float[] this[string name] => _tensors[name].Values;

    public void Read(string name, Span<float> destination) => _tensors[name].Values.CopyTo(destination);

    public void Dispose()
    {
    }
}
