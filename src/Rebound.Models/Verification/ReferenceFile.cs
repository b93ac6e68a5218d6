using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;

namespace Rebound.Models.Verification;

/// <summary>A safetensors file of expected results, and the inputs they belong to.</summary>
internal sealed class ReferenceFile : IDisposable
{
    public const string InputIds = "input_ids";
    public const string Labels = "labels";

    private readonly SafetensorsFile _file;

    public ReferenceFile(string path)
    {
        _file = new SafetensorsFile(path);
        try
        {
            (Rows, Columns) = MatrixShape(InputIds);
            Tokens = _file.ReadInt32(InputIds);
            Batch = new PackedBatch(Tokens, [.. Enumerable.Range(0, Rows + 1).Select(row => row * Columns)], ReadLabels());
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Rows of <c>input_ids</c>.</summary>
    public int Rows { get; }

    /// <summary>Tokens of each row.</summary>
    public int Columns { get; }

    /// <summary>[rows · columns].</summary>
    public int[] Tokens { get; }

    /// <summary>Every row a document, with the labels, or every token supervised without any.</summary>
    public PackedBatch Batch { get; }

    /// <summary>Everything but the inputs, by name.</summary>
    public IEnumerable<StoredTensor> Expected => _file.Tensors.Values
        .Where(tensor => tensor.Name is not (InputIds or Labels))
        .OrderBy(tensor => tensor.Name, StringComparer.Ordinal);

    public float[] Read(StoredTensor tensor)
    {
        var values = new float[checked((int)tensor.Count)];
        _file.Read(tensor.Name, values);
        return values;
    }

    public int[] ReadInt32(StoredTensor tensor) => _file.ReadInt32(tensor.Name);

    public void Dispose() => _file.Dispose();

    private int[] ReadLabels()
    {
        if (!_file.Tensors.ContainsKey(Labels))
        {
            return Tokens;
        }

        var (rows, columns) = MatrixShape(Labels);
        return rows == Rows && columns == Columns
            ? _file.ReadInt32(Labels)
            : throw new CheckpointException(
                _file.Location, Labels, $"is [{rows}, {columns}], but {InputIds} is [{Rows}, {Columns}]: they must agree.");
    }

    private (int Rows, int Columns) MatrixShape(string name)
    {
        if (!_file.Tensors.TryGetValue(name, out var tensor))
        {
            throw new CheckpointException(_file.Location, name, "is missing: a reference needs at least its input_ids.");
        }

        return tensor.Shape is [> 0 and <= int.MaxValue, > 0 and <= int.MaxValue]
            ? ((int)tensor.Shape[0], (int)tensor.Shape[1])
            : throw new CheckpointException(
                _file.Location, name, $"is [{string.Join(", ", tensor.Shape)}]: a matrix of rows and tokens is needed.");
    }
}
