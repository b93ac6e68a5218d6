using Rebound.Quantization;

namespace Rebound.Checkpoints;

/// <summary>A tensor that a checkpoint stores.</summary>
/// <param name="Name">Hugging Face's name, whatever the file calls it.</param>
/// <param name="Shape">Extents, row-major, as Hugging Face has them.</param>
/// <param name="StoredType">The type in the file, for people: <c>F32</c>, <c>BF16</c>, <c>Q4_1</c>.</param>
public sealed record StoredTensor(string Name, IReadOnlyList<long> Shape, string StoredType)
{
    public long Count => Shape.Aggregate(1L, (product, extent) => checked(product * extent));
}

/// <summary>Named tensors of a checkpoint, whatever its format, read one at a time as fp32.</summary>
public interface ITensorSource : IDisposable
{
    /// <summary>The file or folder, for messages.</summary>
    string Location { get; }

    /// <summary>Every tensor by Hugging Face's name.</summary>
    IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Reads elements of a tensor as fp32, dequantized and in Hugging Face's row order.</summary>
    /// <param name="name">A key of <see cref="Tensors"/>.</param>
    /// <param name="destination">Exactly as many elements as the tensor has.</param>
    /// <exception cref="CheckpointException">The name is absent, or the stored bytes are not what the header says.</exception>
    void Read(string name, Span<float> destination);

    /// <summary>Reads some rows of a matrix, as <see cref="Read"/> does.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="destination">Whole rows that the matrix has.</param>
    /// <exception cref="CheckpointException">The name is absent, or the stored bytes are not what the header says.</exception>
    void ReadRows(string name, long first, Span<float> destination)
    {
        var tensor = Tensors.Find(name, Location);
        var whole = new float[tensor.Count];
        Read(name, whole);
        whole.AsSpan((int)(first * tensor.Shape[^1]), destination.Length).CopyTo(destination);
    }

    /// <summary>Hands out a tensor as it is stored, if it is stored as bf16, in pieces from the first element to the last.</summary>
    /// <returns>False: it is stored otherwise, or in another order; <see cref="Read"/> reads it.</returns>
    /// <exception cref="CheckpointException">The name is absent, or the stored bytes are not what the header says.</exception>
    bool TryReadBFloat16(string name, BFloat16Piece take) => false;

    /// <summary>The type of a matrix whose rows can be taken as they are stored; null: <see cref="Read"/> reads it.</summary>
    BlockType? StoredAs(string name) => null;

    /// <summary>Copies a matrix as it is stored, its rows in Hugging Face's order.</summary>
    /// <param name="name">A tensor of which <see cref="StoredAs"/> knows the type.</param>
    /// <param name="destination">The bytes of all its rows, =.</param>
    /// <exception cref="CheckpointException">The stored bytes are not what the header says.</exception>
    void ReadStored(string name, Span<byte> destination) => throw new NotSupportedException($"{Location} does not store '{name}' so.");

    /// <summary>Maps all tensors into memory, for as long as the result is there, if they lie in a file.</summary>
    IMappedTensors? MapStored() => null;

    /// <summary>Shows a tensor where it lies, if that is host memory and it is fp32 there.</summary>
    /// <returns>False: <see cref="Read"/> reads it.</returns>
    bool TryView(string name, out ReadOnlySpan<float> values)
    {
        values = default;
        return false;
    }
}

/// <summary>Takes elements of a tensor over; the memory is the source's again afterwards.</summary>
public delegate void BFloat16Piece(ReadOnlySpan<ushort> piece);
