using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models;
using Rebound.Quantization;

namespace Rebound.Bench;

/// <summary>A checkpoint of random weights, matrices in blocks, that takes no memory: pieces of one stretch of blocks, again and again.</summary>
internal sealed class RandomBlocks : ITensorSource
{
    private const float Deviation = 0.02f;

    /// <summary>Blocks of a stretch; no power of two, so that rows of a matrix differ.</summary>
    private const int Stretch = 2003;

    private readonly RandomWeights _plain;
    private readonly BlockType _type;
    private readonly byte[] _blocks;

    public RandomBlocks(LlamaConfig config, DType type)
    {
        (_plain, _type) = (new RandomWeights(config), type.Blocks());
        var (random, values) = (new Random(1), new float[Stretch * _type.BlockValues]);
        for (var i = 0; i < values.Length; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            values[i] = (float)(Deviation * normal);
        }

        _blocks = new byte[_type.BytesOf(values.Length)];
        _type.Round(values, _blocks);
    }

    public string Location => $"random weights in {_type}";

    public IReadOnlyDictionary<string, StoredTensor> Tensors => _plain.Tensors;

    public void Read(string name, Span<float> destination) => throw new NotSupportedException("These weights are read as they are stored.");

    public bool TryReadBFloat16(string name, BFloat16Piece take) => _plain.TryReadBFloat16(name, take);

    public BlockType? StoredAs(string name) => Tensors[name].Shape.Count == 2 ? _type : null;

    public void ReadStored(string name, Span<byte> destination)
    {
        for (; !destination.IsEmpty; destination = destination[Math.Min(_blocks.Length, destination.Length)..])
        {
            _blocks.AsSpan(0, Math.Min(_blocks.Length, destination.Length)).CopyTo(destination);
        }
    }

    public void Dispose() => _plain.Dispose();

    /// <summary>The type that a name means, as <c>Q4_K</c>; null for no name.</summary>
    /// <exception cref="ArgumentException">There is no such type of blocks.</exception>
    public static DType? Find(string? name) => name is null
        ? null
        : Enum.TryParse<DType>(name, out var type) && type.IsQuantized() && type != DType.Mixed
            ? type
            : throw new ArgumentException($"'{name}' is no type of blocks; Q8_0 and Q4_K are, for example.", nameof(name));

    /// <summary>Random bf16 weights, or, of a type of blocks, random blocks.</summary>
    public static ITensorSource Of(LlamaConfig config, DType? type) =>
        type is { } blocks ? new RandomBlocks(config, blocks) : new RandomWeights(config);
}
