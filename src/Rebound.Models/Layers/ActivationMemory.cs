using System.Runtime.CompilerServices;
using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>
/// Memory of activations for batches of up to a number of tokens: slots are planned one after the other, and hold tensors
/// once the whole plan is allocated.
/// </summary>
/// <param name="type">Of activations; what is kept for a backward beside them is fp32 always.</param>
/// <param name="tokens">The most tokens of a batch.</param>
internal sealed class ActivationMemory(DType type, int tokens) : IDisposable
{
    private Arena? _arena;

    public ArenaPlan Plan { get; } = new();

    /// <summary>The most tokens of a batch.</summary>
    public int Tokens => tokens;

    /// <summary>Plans a slot [T, width].</summary>
    public Slot Add(int width, [CallerMemberName] string name = "") => Add(new Shape(tokens, width), type, name);

    /// <summary>Plans a slot [T, heads, headDim].</summary>
    public Slot AddHeads(int heads, int headDim, [CallerMemberName] string name = "") =>
        Add(new Shape(tokens, heads, headDim), type, name);

    /// <summary>Plans a slot of [T·width] elements, which its user cuts into rows; none for width 0.</summary>
    public Slot AddFlat(int width, [CallerMemberName] string name = "") =>
        width == 0 ? default : Add(new Shape(checked(tokens * width)), type, name);

    /// <summary>Plans a slot [T] of fp32.</summary>
    public Slot AddFloats([CallerMemberName] string name = "") => Add(new Shape(tokens), DType.Float32, name);

    /// <summary>Plans a slot [T, width] of fp32.</summary>
    public Slot AddFloats(int width, [CallerMemberName] string name = "") => Add(new Shape(tokens, width), DType.Float32, name);

    public Slot Add(Shape shape, DType dtype, string name) => new(this, Plan.Add(new TensorSpec(name, shape, dtype)));

    public void Allocate(Backend backend) => _arena = backend.Allocate(Plan);

    public void Dispose() => _arena?.Dispose();

    /// <summary>A slot's whole tensor.</summary>
    internal Tensor At(int index) => _arena![index];
}

/// <summary>The slot of one activation; <c>default</c> is that of an activation that the model does not have.</summary>
internal readonly struct Slot(ActivationMemory memory, int index)
{
    /// <summary>The whole tensor, or an empty one.</summary>
    public Tensor All => memory is null ? default : memory.At(index);

    /// <summary>The first rows of the tensor.</summary>
    public Tensor this[int rows] => All.Rows(0, rows);
}
