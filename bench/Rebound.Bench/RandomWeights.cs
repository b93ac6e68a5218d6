using Rebound.Checkpoints;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Bench;

/// <summary>A checkpoint of random bf16 weights that takes no memory: pieces of one block of numbers, again and again.</summary>
internal sealed class RandomWeights : ITensorSource
{
    private const float Deviation = 0.02f;

    /// <summary>Not a power of two, so that rows of a matrix differ.</summary>
    private const int BlockValues = (8 << 20) + 13;

    private readonly ushort[] _block = new ushort[BlockValues];
    private readonly ushort[] _ones = new ushort[1 << 16];

    public RandomWeights(LlamaConfig config)
    {
        Tensors = ParameterTable.For(config).Slices.ToDictionary(
            slice => slice.Name,
            slice => new StoredTensor(slice.Name, [.. Enumerable.Range(0, slice.Shape.Rank).Select(d => (long)slice.Shape[d])], "BF16"));
        var random = new Random(1);
        for (var i = 0; i < _block.Length; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            _block[i] = (ushort)(BitConverter.SingleToUInt32Bits((float)(Deviation * normal)) >> 16);
        }

        Array.Fill(_ones, (ushort)(BitConverter.SingleToUInt32Bits(1) >> 16));
    }

    public string Location => "random weights";

    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    public void Read(string name, Span<float> destination) => throw new NotSupportedException("These weights are read as bf16.");

    public bool TryReadBFloat16(string name, BFloat16Piece take)
    {
        var tensor = Tensors[name];
        var block = tensor.Shape.Count == 1 ? _ones : _block;
        for (long done = 0; done < tensor.Count; done += block.Length)
        {
            take(block.AsSpan(0, (int)Math.Min(block.Length, tensor.Count - done)));
        }

        return true;
    }

    public void Dispose()
    {
        // There is nothing but managed memory.
    }
}
