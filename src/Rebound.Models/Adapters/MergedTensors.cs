using System.Numerics.Tensors;
using Rebound.Checkpoints;
using Rebound.Models.Parameters;

namespace Rebound.Models.Adapters;

/// <summary>The weights of a model with its adapter merged: <c>W + scale · B·A</c>, read one tensor at a time.</summary>
public sealed class MergedTensors : ITensorSource
{
    private readonly ITensorSource _weights;
    private readonly ParameterSet _adapter;
    private readonly Dictionary<string, LoraModule> _modules;

    /// <param name="weights">The base weights; they are not disposed.</param>
    public MergedTensors(ITensorSource weights, LoraAdapter adapter)
    {
        _weights = weights;
        _adapter = adapter.Parameters;
        _modules = adapter.Layout.Modules.ToDictionary(module => module.Weight.Name);
    }

    public string Location => _weights.Location;

    public IReadOnlyDictionary<string, StoredTensor> Tensors => _weights.Tensors;

    public void Read(string name, Span<float> destination)
    {
        _weights.Read(name, destination);
        if (_modules.TryGetValue(name, out var module))
        {
            AddProduct(destination, module);
        }
    }

    public void Dispose()
    {
        // Both sources belong to the caller.
    }

    private void AddProduct(Span<float> weight, LoraModule module)
    {
        var (outer, inner) = (module.Weight.Shape[0], module.Weight.Shape[1]);
        var (down, up, row) = (new float[module.Rank * inner], new float[outer * module.Rank], new float[inner]);
        _adapter.Read(module.DownName, down);
        _adapter.Read(module.UpName, up);
        for (var n = 0; n < outer; n++)
        {
            row.AsSpan().Clear();
            for (var r = 0; r < module.Rank; r++)
            {
                TensorPrimitives.MultiplyAdd(down.AsSpan(r * inner, inner), up[(n * module.Rank) + r], row, row);
            }

            var output = weight.Slice(n * inner, inner);
            TensorPrimitives.MultiplyAdd(row, module.Scale, output, output);
        }
    }
}
