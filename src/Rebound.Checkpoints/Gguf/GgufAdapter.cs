using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>The adapter of one linear layer, <c>scale · B·A</c> beside W.</summary>
/// <param name="Weight">Hugging Face's name of W [N, K].</param>
/// <param name="Down">The name of A [R, K].</param>
/// <param name="Up">The name of B [N, R].</param>
/// <param name="Rank">R.</param>
/// <param name="Scale">The factor of B·A.</param>
public sealed record GgufAdapterModule(string Weight, string Down, string Up, int Rank, float Scale);

/// <summary>
/// Low-rank adapters as llama.cpp takes them, in a GGUF file beside the model's: <c>blk.0.attn_q.weight.lora_a</c> and <c>.lora_b</c>, with
/// one <c>adapter.lora.alpha</c> for all, of which a layer's scale is alpha / R. Layers of other scales have it in their B.
/// </summary>
/// <param name="config">The model's <c>config.json</c>, whole.</param>
/// <param name="modules">The adapted layers.</param>
/// <param name="location">The adapter, for messages.</param>
public sealed class GgufAdapter(JsonObject config, IReadOnlyList<GgufAdapterModule> modules, string location)
{
    private const string AlphaKey = "adapter.lora.alpha";
    private const string DownSuffix = ".lora_a";
    private const string UpSuffix = ".lora_b";

    private readonly ArchitectureEntries _architecture = new(config, location);

    private float Alpha => modules[0].Scale * modules[0].Rank;

    /// <param name="tensors">A and B by their names.</param>
    /// <param name="type">F32, BF16 or F16.</param>
    /// <param name="name">The adapter's name for people.</param>
    /// <exception cref="CheckpointException">The model's architecture, or a layer, has no name in GGUF; it is named.</exception>
    public void Write(Stream stream, ITensorSource tensors, GgufFileType type, string name, ParallelWork work)
    {
        _architecture.Check();
        var entries = new GgufEntries();
        entries.Add("general.architecture", _architecture.Architecture);
        entries.Add("general.type", "adapter");
        entries.Add("general.name", name);
        entries.Add("general.file_type", type.Number);
        entries.Add("general.quantization_version", 2u);
        entries.Add("adapter.type", "lora");
        entries.Add(AlphaKey, Alpha);
        var planned = modules.SelectMany(module => Plan(module, tensors, type.Type)).ToArray();
        GgufWriter.Write(stream, entries, planned, location, work, report: null);
    }

    /// <summary>Reads a file's adapter: A and B by their names, of the scales that the modules say.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or lacks one.</exception>
    public ITensorSource Open(string path) => new GgufAdapterFile(path, modules, NameOf, UpFactor, _architecture);

    private IEnumerable<GgufPlannedTensor> Plan(GgufAdapterModule module, ITensorSource tensors, GgmlType type)
    {
        var (down, up) = (tensors.Tensors.Find(module.Down, location), tensors.Tensors.Find(module.Up, location));
        var (name, factor) = (NameOf(module), UpFactor(module, Alpha));
        yield return new GgufPlannedTensor(name + DownSuffix, down.Shape, type, values => tensors.Read(module.Down, values));
        yield return new GgufPlannedTensor(name + UpSuffix, up.Shape, type, values =>
        {
            tensors.Read(module.Up, values);
            Scale(values, factor);
            if (_architecture.Permutes && GgufNames.IsQueryOrKey(name))
            {
                HeadRows.ToGguf(values, module.Rank, _architecture.HeadDim);
            }
        });
    }

    private string NameOf(GgufAdapterModule module) => GgufNames.ToGguf(module.Weight)
        ?? throw new CheckpointException(location, module.Weight, "GGUF has no name for this layer in the Llama family.");

    /// <summary>B in the file is B times this, so that alpha / R is the scale.</summary>
    private static float UpFactor(GgufAdapterModule module, float alpha) => module.Scale * module.Rank / alpha;

    private static void Scale(Span<float> values, float factor) =>
        System.Numerics.Tensors.TensorPrimitives.Multiply(values, factor, values);

    private sealed class GgufAdapterFile : ITensorSource
    {
        private readonly MappedFile _file;
        private readonly Dictionary<string, (GgufTensor Tensor, float Factor, bool IsPermuted)> _stored = [];
        private readonly int _headDim;

        public GgufAdapterFile(
            string path, IReadOnlyList<GgufAdapterModule> modules, Func<GgufAdapterModule, string> nameOf,
            Func<GgufAdapterModule, float, float> upFactor, ArchitectureEntries architecture)
        {
            _file = new MappedFile(path);
            _headDim = architecture.HeadDim;
            try
            {
                var header = GgufHeader.Read(_file);
                var alpha = (float)header.Metadata.RequiredNumber(AlphaKey);
                foreach (var module in modules)
                {
                    var name = nameOf(module);
                    var isPermuted = architecture.Permutes && GgufNames.IsQueryOrKey(name);
                    _stored.Add(module.Down, (Find(header, name + DownSuffix), 1, false));
                    _stored.Add(module.Up, (Find(header, name + UpSuffix), 1 / upFactor(module, alpha), isPermuted));
                }
            }
            catch
            {
                _file.Dispose();
                throw;
            }

            Tensors = _stored.ToDictionary(
                pair => pair.Key, pair => new StoredTensor(pair.Key, pair.Value.Tensor.Shape, pair.Value.Tensor.Type.Name));
        }

        public string Location => _file.Path;

        public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

        public void Read(string name, Span<float> destination)
        {
            Tensors.Find(name, Location, destination.Length);
            var (tensor, factor, isPermuted) = _stored[name];
            using (var window = _file.Map(tensor.Data.Offset, tensor.Data.Length))
            {
                tensor.Type.Dequantize(window.Bytes, destination);
            }

            Scale(destination, factor);
            if (isPermuted)
            {
                HeadRows.ToHuggingFace(destination, (int)tensor.RowValues, _headDim);
            }
        }

        public void Dispose() => _file.Dispose();

        private GgufTensor Find(GgufHeader header, string name) => header.Tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new CheckpointException(_file.Path, name, "It is absent.");
    }
}
