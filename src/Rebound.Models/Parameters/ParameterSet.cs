using Rebound.Engine;
using Rebound.Models.Checkpoints;

namespace Rebound.Models.Parameters;

/// <summary>
/// One tensor for every entry of a <see cref="ParameterTable"/>: the weights of a model, their gradients, or a moment of
/// its optimizer. It can be read like a checkpoint, by Hugging Face's names.
/// </summary>
public sealed class ParameterSet : ITensorSource
{
    private readonly Arena _arena;

    /// <summary>Allocates the tensors, zeroed.</summary>
    public ParameterSet(Backend backend, ParameterTable table)
    {
        Backend = backend;
        Table = table;
        _arena = backend.Allocate(table.Plan());
        Tensors = table.Slices.ToDictionary(
            slice => slice.Name,
            slice => new StoredTensor(slice.Name, [.. Enumerable.Range(0, slice.Shape.Rank).Select(d => (long)slice.Shape[d])], "F32"));
    }

    public Backend Backend { get; }

    public ParameterTable Table { get; }

    public long Bytes => _arena.Bytes;

    public string Location => Backend.Description;

    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>The tensor of one of <see cref="ParameterTable.Parameters"/>.</summary>
    public Tensor this[int parameter] => _arena[parameter];

    /// <summary>The tensor of a checkpoint's name: rows of a fused one, or the embedding for a tied head.</summary>
    /// <exception cref="ArgumentException">The model has no such tensor.</exception>
    public Tensor this[string name] => Table.TryFind(name, out var slice)
        ? this[slice]
        : throw new ArgumentException($"The model has no tensor '{name}'.", nameof(name));

    /// <summary>The tensor of one of <see cref="ParameterTable.Slices"/>.</summary>
    public Tensor this[ParameterSlice slice] => _arena[slice.Parameter].Rows(slice.FirstRow, slice.Shape[0]);

    /// <summary>Sets every element to zero.</summary>
    public void Clear()
    {
        for (var parameter = 0; parameter < Table.Parameters.Count; parameter++)
        {
            Backend.Fill(this[parameter], 0);
        }
    }

    /// <summary>Overwrites every tensor with those of a checkpoint.</summary>
    /// <exception cref="CheckpointException">Tensors are missing, unknown or of another shape; they are listed.</exception>
    public void Load(ITensorSource source) => ParameterLoader.Load(this, source);

    /// <summary>Copies a tensor to host memory.</summary>
    public void Read(string name, Span<float> destination) => Backend.CopyToHost(destination, this[name]);

    public void Dispose() => _arena.Dispose();
}
