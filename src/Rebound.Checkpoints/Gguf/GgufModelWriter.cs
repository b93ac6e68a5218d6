using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Jinja;
using Rebound.Text;

namespace Rebound.Checkpoints.Gguf;

/// <summary>A model that is to be written as a GGUF file.</summary>
/// <param name="Name">The model's name for people.</param>
/// <param name="Config">The <c>config.json</c> with every key that the computation depends on.</param>
/// <param name="Tensors">Its parameters by Hugging Face's names.</param>
/// <param name="Tokenizer">Its tokenizer and chat templates, which may be absent.</param>
/// <param name="EndTokens">Ids after which the model stops, the most usual first.</param>
public sealed record GgufModelContent(
    string Name, JsonObject Config, ITensorSource Tensors, TokenizerSource Tokenizer, IReadOnlyList<int> EndTokens);

/// <summary>
/// Writes a model as one GGUF file, as llama.cpp's converter and quantizer do. All that the format cannot hold is refused when the
/// writer is made; tensors are read, rounded and written one at a time.
/// </summary>
public sealed class GgufModelWriter
{
    /// <summary>Texts of end tokens that GGUF has roles for.</summary>
    private const int EndRoles = 3;

    private readonly GgufModelContent _content;
    private readonly ArchitectureEntries _architecture;
    private readonly GgufEntries _entries = new();
    private readonly Dictionary<string, GgmlType> _types = [];
    private readonly List<GgufPlannedTensor> _tensors = [];
    private readonly List<string> _notes = [];

    /// <exception cref="CheckpointException">GGUF cannot hold the model, or its tokenizer; what cannot be held is named.</exception>
    public GgufModelWriter(GgufModelContent content, GgufFileType type)
    {
        (_content, Type) = (content, type);
        var location = content.Tensors.Location;
        _architecture = new ArchitectureEntries(content.Config, location);
        _architecture.Check();
        _architecture.AddTo(_entries, type, content.Name);
        PlanTensors(location);
        AddTokenizer(location);
        if (_architecture.Window != 0)
        {
            _notes.Add(
                $"llama.cpp reads no sliding window of this architecture: it answers alike for up to {_architecture.Window} tokens.");
        }
    }

    /// <summary>The type of the file.</summary>
    public GgufFileType Type { get; }

    /// <summary>Facts about the file that its name does not tell, a sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Bytes of the tensors.</summary>
    public long TensorBytes => _tensors.Sum(tensor => tensor.Bytes);

    /// <summary>Bits of a parameter on average.</summary>
    public double BitsPerParameter => 8.0 * TensorBytes / _tensors.Sum(tensor => tensor.Count);

    /// <param name="work">Runs the parts of rounding a tensor, on all cores if it does.</param>
    /// <param name="report">Is told how many bytes of tensors are written, of how many; null for nobody.</param>
    /// <exception cref="CheckpointException">A tensor cannot be read, or has a value that its type cannot hold.</exception>
    public void Write(Stream stream, ParallelWork work, Action<long, long>? report = null) =>
        GgufWriter.Write(stream, _entries, _tensors, _content.Tensors.Location, work, report);

    /// <summary>The parameters as they are once they have been rounded to the file's types: what a reader of it has to find.</summary>
    /// <inheritdoc cref="Write"/>
    public ITensorSource Rounded(ParallelWork work) => new RoundedTensors(_content.Tensors, _types, work);

    /// <summary>Compares a tokenizer and its templates, read from a file, with those that were written.</summary>
    /// <exception cref="InvalidDataException">They are others.</exception>
    public void CheckTokenizer(TokenizerSource written)
    {
        if (!_content.Tokenizer.Exists)
        {
            return;
        }

        if (TokenizerProof.Difference(_content.Tokenizer.Tokenizer, written.Tokenizer) is { } text)
        {
            throw new InvalidDataException(
                $"GGUF does not hold this tokenizer: the written one gives other tokens to {JsonSerializer.Serialize(text)}.");
        }

        if (written.ChatTemplate != _content.Tokenizer.ChatTemplate)
        {
            throw new InvalidDataException("The chat template that was written is not the model's.");
        }
    }

    private void PlanTensors(string location)
    {
        var tensors = _content.Tensors.Tensors;
        var types = new TensorTypes(Type, _architecture.Layers, _architecture.Tied, _architecture.SharesValues);
        if (_architecture.RopeFactors is { } factors)
        {
            _tensors.Add(new GgufPlannedTensor(GgufNames.RopeFactors, [factors.Length], GgmlType.F32, values => factors.CopyTo(values)));
        }

        foreach (var (name, tensor) in tensors.OrderBy(pair => Place(pair.Key)).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if ((_architecture.Tied && name == ParameterNames.Head) || ParameterNames.IsBuffer(name))
            {
                continue;
            }

            var theirs = GgufNames.ToGguf(name)
                ?? throw new CheckpointException(location, name, "GGUF has no name for this tensor in the Llama family.");
            var type = types.Of(theirs, tensor.Shape);
            _types.Add(name, type);
            _tensors.Add(new GgufPlannedTensor(theirs, tensor.Shape, type, Reader(name, theirs, tensor)));
        }

        foreach (var group in _tensors.Where(tensor => Type.IsQuantized && tensor.Shape.Count > 1
            && tensor.Shape[^1] % Type.Type.BlockValues != 0).GroupBy(tensor => (tensor.Type, Row: tensor.Shape[^1])))
        {
            var names = group.Select(tensor => tensor.Name).ToArray();
            _notes.Add(
                $"{names.Length} tensors of rows of {group.Key.Row}, no multiple of the {Type.Type.BlockValues} of a block of "
                + $"{Type.Type.Name}, are {group.Key.Type.Name}: {names[0]}{(names.Length > 1 ? " …" : "")}.");
        }
    }

    /// <summary>The embedding, the blocks in order, what comes after them.</summary>
    private static int Place(string name) => name == ParameterNames.Embedding ? -1
        : name.Split('.') is ["model", "layers", var layer, ..] && int.TryParse(layer, out var number) ? number
        : int.MaxValue;

    private GgufTensorReader Reader(string name, string theirs, StoredTensor tensor)
    {
        if (!_architecture.Permutes || !GgufNames.IsQueryOrKey(theirs))
        {
            return values => _content.Tensors.Read(name, values);
        }

        var columns = tensor.Shape.Count == 1 ? 1 : checked((int)tensor.Shape[1]);
        return values =>
        {
            _content.Tensors.Read(name, values);
            HeadRows.ToGguf(values, columns, _architecture.HeadDim);
        };
    }

    private void AddTokenizer(string location)
    {
        var tokenizer = _content.Tokenizer;
        if (!tokenizer.Exists)
        {
            _entries.Add(GgufTokenizer.ModelKey, GgufTokenizer.NoModel);
            _notes.Add("The model has no tokenizer, so the file has none: programs can give it token ids only.");
            return;
        }

        var rows = _content.Config["vocab_size"]!.GetValue<int>();
        new TokenizerEntries(tokenizer, rows, _content.EndTokens, location).AddTo(_entries);
        if (_content.EndTokens.Count > EndRoles && tokenizer.GgufMetadata is null)
        {
            var others = _content.EndTokens.Skip(EndRoles).Select(id => tokenizer.Tokenizer.IdToToken(id));
            _notes.Add(
                $"GGUF names {EndRoles} tokens that end a text; {string.Join(", ", others)} end it only where a program knows them.");
        }

        // What cannot be held shows here, before a byte is written.
        var metadata = _entries.Read(location);
        try
        {
            CheckTokenizer(TokenizerSource.Of(GgufTokenizer.WriteTokenizer(metadata), GgufTokenizer.WriteConfig(metadata)));
        }
        catch (InvalidDataException e)
        {
            throw new CheckpointException(location, null, e.Message, e);
        }
    }
}
