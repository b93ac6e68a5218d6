using Rebound.Checkpoints;
using Rebound.Engine;

namespace Rebound.Models.Parameters;

/// <summary>A tensor of a checkpoint: rows of one of the tensors that the model keeps.</summary>
/// <param name="Name">Hugging Face's name.</param>
/// <param name="Shape">Its shape there.</param>
/// <param name="Parameter">Index of the tensor in <see cref="ParameterTable.Parameters"/> that holds it.</param>
/// <param name="FirstRow">Where in that tensor it starts.</param>
public sealed record ParameterSlice(string Name, Shape Shape, int Parameter, int FirstRow);

/// <summary>
/// The parameters of a model as it stores them, and the checkpoint tensors that lie in them. Query, key and value
/// projections share one matrix, as do gate and up, so that one product does each; checkpoints see the parts.
/// Weights, gradients and optimizer moments all follow the same table.
/// </summary>
public sealed class ParameterTable
{
    private readonly List<TensorSpec> _parameters = [];
    private readonly List<ParameterSlice> _slices = [];
    private readonly Dictionary<string, ParameterSlice> _byName = [];
    private readonly List<int> _blockStarts = [];

    internal ParameterTable()
    {
    }

    /// <summary>The allocated tensors.</summary>
    public IReadOnlyList<TensorSpec> Parameters => _parameters;

    /// <summary>The tensors of a checkpoint, in the model's order, without a tied head.</summary>
    public IReadOnlyList<ParameterSlice> Slices => _slices;

    /// <summary>
    /// Blocks of parameters that a pass uses one after the other: the embedding, every layer, and the final norm with the head. An
    /// adapter's table has the same blocks, some of them empty.
    /// </summary>
    public int BlockCount => _blockStarts.Count;

    /// <summary>Whether the head is the embedding.</summary>
    public bool IsTied => _byName.TryGetValue(ParameterNames.Head, out var head)
        && _byName.TryGetValue(ParameterNames.Embedding, out var embedding) && head == embedding;

    /// <summary>Number of trained numbers; a tied head counts once.</summary>
    public long Count => _parameters.Sum(parameter => parameter.Shape.Count);

    /// <summary>Finds a checkpoint's tensor; in a tied model <c>lm_head.weight</c> is the embedding.</summary>
    public bool TryFind(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ParameterSlice? slice) =>
        _byName.TryGetValue(name, out slice);

    /// <summary>The table of a model of this configuration.</summary>
    public static ParameterTable For(LlamaConfig config)
    {
        var table = new ParameterTable();
        var (c, f) = (config.HiddenSize, config.FeedForwardSize);
        table.BeginBlock();
        table.Add(ParameterNames.Embedding, new Shape(config.VocabularySize, c));
        for (var layer = 0; layer < config.Layers; layer++)
        {
            table.BeginBlock();
            table.Add(ParameterNames.AttentionNorm(layer), new Shape(c));
            table.AddAttention(config, ParameterNames.Attention(layer));
            table.Add(ParameterNames.FeedForwardNorm(layer), new Shape(c));
            var feedForward = ParameterNames.FeedForward(layer);
            table.AddLinear(feedForward, ParameterNames.GateUp, [("gate_proj", f), ("up_proj", f)], c, config.FeedForwardBias);
            table.AddLinear(feedForward, ParameterNames.Down, [(ParameterNames.Down, c)], f, config.FeedForwardBias);
        }

        table.BeginBlock();
        table.Add(ParameterNames.FinalNorm, new Shape(c));
        if (config.TieWordEmbeddings)
        {
            table._byName[ParameterNames.Head] = table._byName[ParameterNames.Embedding];
        }
        else
        {
            table.Add(ParameterNames.Head, new Shape(config.VocabularySize, c));
        }

        return table;
    }

    /// <summary>The parameters of a block, as a range of <see cref="Parameters"/>.</summary>
    internal Range Block(int block) =>
        _blockStarts[block]..(block + 1 < _blockStarts.Count ? _blockStarts[block + 1] : _parameters.Count);

    /// <summary>The block of a checkpoint's tensor.</summary>
    public int BlockOf(ParameterSlice slice) => BlockOf(slice.Parameter);

    /// <summary>The block of one of <see cref="Parameters"/>.</summary>
    internal int BlockOf(int parameter)
    {
        // Asked for at every use of a tensor, so nothing is allocated.
        var block = _blockStarts.Count - 1;
        while (block >= 0 && _blockStarts[block] > parameter)
        {
            block--;
        }

        return block;
    }

    /// <summary>Parameters that are added from now on belong to another block.</summary>
    internal void BeginBlock() => _blockStarts.Add(_parameters.Count);

    /// <summary>Adds a matrix of tensors of a checkpoint, one above the other, and returns its index.</summary>
    internal int AddStacked(string name, (string Name, int Rows)[] parts, int columns)
    {
        AddFused("", name, parts, "", new Shape(parts.Sum(part => part.Rows), columns));
        return _parameters.Count - 1;
    }

    internal int IndexOf(string parameter)
    {
        var index = _parameters.FindIndex(spec => spec.Name == parameter);
        return index >= 0 ? index : throw new ArgumentException($"The model has no parameter '{parameter}'.", nameof(parameter));
    }

    private void AddAttention(LlamaConfig config, string prefix)
    {
        var (query, keyValue) = (config.AttentionSize, config.KeyValueHeads * config.HeadDim);
        (string Name, int Rows)[] parts = [("q_proj", query), ("k_proj", keyValue), ("v_proj", keyValue)];
        AddLinear(prefix, ParameterNames.QueryKeyValue, parts, config.HiddenSize, config.QueryKeyValueBias);
        if (config.QueryKeyNorm)
        {
            Add(prefix + ParameterNames.QueryNorm, new Shape(config.HeadDim));
            Add(prefix + ParameterNames.KeyNorm, new Shape(config.HeadDim));
        }

        AddLinear(prefix, ParameterNames.Output, [(ParameterNames.Output, config.HiddenSize)], query, config.OutputBias);
    }

    private void AddLinear(string prefix, string name, (string Name, int Rows)[] parts, int columns, bool bias)
    {
        var rows = parts.Sum(part => part.Rows);
        AddFused(prefix, name, parts, ".weight", new Shape(rows, columns));
        if (bias)
        {
            AddFused(prefix, name, parts, ".bias", new Shape(rows));
        }
    }

    private void Add(string name, Shape shape) => AddFused("", name, [(name, shape[0])], "", shape);

    private void AddFused(string prefix, string name, (string Name, int Rows)[] parts, string suffix, Shape shape)
    {
        _parameters.Add(new TensorSpec(prefix + name + suffix, shape));
        var row = 0;
        foreach (var (part, rows) in parts)
        {
            var slice = new ParameterSlice(prefix + part + suffix, shape.WithRows(rows), _parameters.Count - 1, row);
            _slices.Add(slice);
            _byName.Add(slice.Name, slice);
            row += rows;
        }
    }
}
