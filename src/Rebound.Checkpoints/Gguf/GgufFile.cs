using System.Text.Json.Nodes;
using Rebound.Quantization;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// A model in one GGUF file (versions 2 and 3, little-endian; architectures llama, qwen2 and qwen3), memory-mapped. Tensors have
/// Hugging Face's names, row order and values, dequantized to fp32 as ggml does. Reads may run on several threads at once.
/// </summary>
public sealed class GgufFile : ITensorSource
{
    private readonly MappedFile _file;
    private readonly GgufHeader _header;
    private readonly Dictionary<string, GgufTensor> _stored = [];
    private readonly Dictionary<string, StoredTensor> _tensors = [];
    private readonly bool _permuted;
    private readonly int _headDim;

    /// <summary>Opens a file and checks its header; no parameter is read yet.</summary>
    /// <exception cref="CheckpointException">
    /// The file is absent or truncated, its header is wrong, or it holds a model or a type that is not supported.
    /// </exception>
    public GgufFile(string path)
    {
        _file = new MappedFile(path);
        try
        {
            _header = GgufHeader.Read(_file);
            if (_header.Metadata.Count("split.count") is > 1 and var parts)
            {
                throw _header.Metadata.Bad("split.count", $"is {parts}: this is one part of a split model. Merge the parts into one file.");
            }

            _permuted = GgufConfig.Architecture(_header.Metadata) == "llama";
            AddTensors();
            Warnings = [.. GgufSpecialTokens.Warnings(_header.Metadata)];
            Config = GgufConfig.Write(_header, ReadRopeFactors());
            _headDim = Config["head_dim"]?.GetValue<int>()
                ?? Config["hidden_size"]!.GetValue<int>() / Config["num_attention_heads"]!.GetValue<int>();
            CheckPermutedRows();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Location => _file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>The model's configuration, in the layout of Hugging Face's <c>config.json</c>.</summary>
    public JsonObject Config { get; }

    /// <summary>Defects of the file that can be ignored, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    internal GgufMetadata Metadata => _header.Metadata;

    /// <summary>Whether the file holds a tokenizer.</summary>
    public bool HasTokenizer => GgufTokenizer.Exists(_header.Metadata);

    /// <summary>The file's tokenizer, in the layout of Hugging Face's <c>tokenizer.json</c>.</summary>
    /// <exception cref="CheckpointException">There is none, it contradicts itself, or it is of a kind that is not read.</exception>
    public JsonObject ReadTokenizer() => GgufTokenizer.WriteTokenizer(_header.Metadata);

    /// <summary>
    /// The tokenizer's special tokens and chat template, in the layout of Hugging Face's <c>tokenizer_config.json</c>.
    /// </summary>
    /// <inheritdoc cref="ReadTokenizer"/>
    public JsonObject ReadTokenizerConfig() => GgufTokenizer.WriteConfig(_header.Metadata);

    /// <inheritdoc/>
    public void Read(string name, Span<float> destination)
    {
        Tensors.Find(name, Location, destination.Length);
        var tensor = _stored[name];
        if (!IsPermuted(tensor))
        {
            ReadValues(tensor, first: 0, destination);
        }
        else if (tensor.Shape.Length == 1)
        {
            var values = new float[destination.Length];
            ReadValues(tensor, first: 0, values);
            for (var i = 0; i < values.Length; i++)
            {
                destination[UnpermutedRow(i)] = values[i];
            }
        }
        else
        {
            ReadPermutedRows(tensor, destination);
        }
    }

    /// <inheritdoc/>
    public void ReadRows(string name, long first, Span<float> destination)
    {
        Tensors.Find(name, Location);
        var tensor = _stored[name];
        if (!IsPermuted(tensor))
        {
            ReadValues(tensor, first, destination);
            return;
        }

        var whole = new float[Tensors[name].Count];
        Read(name, whole);
        whole.AsSpan((int)(first * tensor.RowValues), destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public BlockType? StoredAs(string name) =>
        _stored.TryGetValue(name, out var tensor) && tensor.Shape.Length == 2 ? tensor.Type.Blocks : null;

    /// <inheritdoc/>
    public void ReadStored(string name, Span<byte> destination)
    {
        Tensors.Find(name, Location);
        var tensor = _stored[name];
        var bytes = checked((int)tensor.RowBytes);
        var rowsOfWindow = Math.Max(1, MappedFile.WindowBytes / bytes);
        for (var first = 0; first < tensor.Shape[0]; first += rowsOfWindow)
        {
            var count = (int)Math.Min(rowsOfWindow, tensor.Shape[0] - first);
            using var window = _file.Map(tensor.Data.Offset + ((long)first * bytes), (long)count * bytes);
            for (var i = 0; i < count; i++)
            {
                var row = IsPermuted(tensor) ? UnpermutedRow(first + i) : first + i;
                window.Bytes.Slice(i * bytes, bytes).CopyTo(destination.Slice(row * bytes, bytes));
            }
        }
    }

    /// <inheritdoc/>
    public IMappedTensors? MapStored() => new MappedTensors(
        _file.MapWhole(),
        _stored.Where(pair => !IsPermuted(pair.Value)).ToDictionary(pair => pair.Key, pair => pair.Value.Data.Offset));

    public void Dispose() => _file.Dispose();

    private void AddTensors()
    {
        foreach (var tensor in _header.Tensors.Values)
        {
            if (tensor.Name == GgufNames.RopeFactors)
            {
                continue;
            }

            var name = GgufNames.ToHuggingFace(tensor.Name)
                ?? throw new CheckpointException(Location, tensor.Name, "No model of the Llama family has such a tensor.");
            _stored.Add(name, tensor);
            _tensors.Add(name, new StoredTensor(name, tensor.Shape, tensor.Type.Name));
        }
    }

    private float[]? ReadRopeFactors()
    {
        if (!_header.Tensors.TryGetValue(GgufNames.RopeFactors, out var tensor))
        {
            return null;
        }

        if (tensor.Shape is not [> 0 and <= 4096])
        {
            throw new CheckpointException(
                Location, tensor.Name, $"Its shape [{string.Join(", ", tensor.Shape)}] is not one divisor for each frequency.");
        }

        var factors = new float[tensor.RowValues];
        ReadValues(tensor, first: 0, factors);
        return factors;
    }

    private bool IsPermuted(GgufTensor tensor) => _permuted && GgufNames.IsQueryOrKey(tensor.Name);

    private void CheckPermutedRows()
    {
        foreach (var tensor in _header.Tensors.Values.Where(IsPermuted))
        {
            var heads = Config[GgufNames.IsQuery(tensor.Name) ? "num_attention_heads" : "num_key_value_heads"]!.GetValue<int>();
            if (tensor.Shape[0] != (long)heads * _headDim || _headDim % 2 != 0)
            {
                throw new CheckpointException(
                    Location, tensor.Name, $"It has {tensor.Shape[0]} rows; {heads} heads of {_headDim} were expected.");
            }
        }
    }

    private int UnpermutedRow(int row) => HeadRows.ToHuggingFace(row, _headDim);

    private void ReadPermutedRows(GgufTensor tensor, Span<float> destination)
    {
        var length = checked((int)tensor.RowValues);
        var bytes = checked((int)tensor.RowBytes);
        var rows = destination.Length / length;
        var rowsOfWindow = Math.Max(1, MappedFile.WindowBytes / bytes);
        for (var first = 0; first < rows; first += rowsOfWindow)
        {
            var count = Math.Min(rowsOfWindow, rows - first);
            using var window = _file.Map(tensor.Data.Offset + ((long)first * bytes), (long)count * bytes);
            for (var i = 0; i < count; i++)
            {
                tensor.Type.Dequantize(
                    window.Bytes.Slice(i * bytes, bytes), destination.Slice(UnpermutedRow(first + i) * length, length));
            }
        }
    }

    /// <param name="first">The first row.</param>
    private void ReadValues(GgufTensor tensor, long first, Span<float> destination)
    {
        var type = tensor.Type;
        var offset = tensor.Data.Offset + (first * tensor.RowBytes);
        var valuesOfWindow = MappedFile.WindowBytes / type.BlockBytes * type.BlockValues;
        while (!destination.IsEmpty)
        {
            var count = Math.Min(destination.Length, valuesOfWindow);
            var bytes = count / type.BlockValues * type.BlockBytes;
            using var window = _file.Map(offset, bytes);
            type.Dequantize(window.Bytes, destination[..count]);
            destination = destination[count..];
            offset += bytes;
        }
    }
}
