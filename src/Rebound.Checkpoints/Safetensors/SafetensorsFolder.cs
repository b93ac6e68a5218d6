using System.Text.Json;
using Rebound.Files.Json;
using Rebound.Quantization;

namespace Rebound.Checkpoints.Safetensors;

/// <summary>
/// The safetensors of a Hugging Face folder: <c>model.safetensors</c>, or the shards that
/// <c>model.safetensors.index.json</c> names. Reads may run on several threads at once.
/// </summary>
public sealed class SafetensorsFolder : ITensorSource
{
    /// <summary>The name of the only file of a checkpoint that is not sharded.</summary>
    public const string SingleFileName = "model.safetensors";

    /// <summary>The name of the file that says which shard holds which tensor.</summary>
    public const string IndexFileName = "model.safetensors.index.json";

    private readonly Dictionary<string, SafetensorsFile> _shards = [];
    private readonly Dictionary<string, SafetensorsFile> _shardOf = [];
    private readonly Dictionary<string, StoredTensor> _tensors = [];

    /// <summary>Opens the folder's files and checks their headers and the index; no tensor is read yet.</summary>
    /// <exception cref="CheckpointException">
    /// There is neither file, a header is wrong, or the index and the shards disagree about what is where.
    /// </exception>
    public SafetensorsFolder(string folder)
    {
        Location = folder;
        try
        {
            Open();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>The names of all files: the shards, and the index where there is one.</summary>
    internal IEnumerable<string> FileNames =>
        _shards.ContainsKey(SingleFileName) ? _shards.Keys : _shards.Keys.Append(IndexFileName).Order(StringComparer.Ordinal);

    /// <summary>Whether the folder holds one of the files that this class reads.</summary>
    public static bool Exists(string folder) =>
        File.Exists(Path.Combine(folder, SingleFileName)) || File.Exists(Path.Combine(folder, IndexFileName));

    /// <inheritdoc/>
    public void Read(string name, Span<float> destination)
    {
        _tensors.Find(name, Location);
        _shardOf[name].Read(name, destination);
    }

    /// <inheritdoc/>
    public void ReadRows(string name, long first, Span<float> destination)
    {
        _tensors.Find(name, Location);
        _shardOf[name].ReadRows(name, first, destination);
    }

    /// <inheritdoc/>
    public bool TryReadBFloat16(string name, BFloat16Piece take)
    {
        _tensors.Find(name, Location);
        return _shardOf[name].TryReadBFloat16(name, take);
    }

    /// <inheritdoc/>
    public BlockType? StoredAs(string name) => _shardOf.TryGetValue(name, out var shard) ? shard.StoredAs(name) : null;

    /// <inheritdoc/>
    public void ReadStored(string name, Span<byte> destination)
    {
        _tensors.Find(name, Location);
        _shardOf[name].ReadStored(name, destination);
    }

    /// <inheritdoc/>
    public IMappedTensors MapStored()
    {
        var mapped = new Dictionary<SafetensorsFile, IMappedTensors>();
        try
        {
            foreach (var shard in _shards.Values)
            {
                mapped.Add(shard, shard.MapStored());
            }

            return new MappedShards(_shardOf.ToDictionary(pair => pair.Key, pair => mapped[pair.Value]));
        }
        catch
        {
            foreach (var shard in mapped.Values)
            {
                shard.Dispose();
            }

            throw;
        }
    }

    public void Dispose()
    {
        foreach (var shard in _shards.Values)
        {
            shard.Dispose();
        }
    }

    private void Open()
    {
        var single = Path.Combine(Location, SingleFileName);
        var index = Path.Combine(Location, IndexFileName);
        if (File.Exists(single))
        {
            AddShard(SingleFileName, single);
        }
        else if (File.Exists(index))
        {
            OpenShards(index);
        }
        else
        {
            throw new CheckpointException(
                Location, null, $"The folder holds neither {SingleFileName} nor {IndexFileName}.");
        }
    }

    private void OpenShards(string index)
    {
        var weightMap = ReadWeightMap(index);
        foreach (var shard in weightMap.Values.Distinct().Order())
        {
            if (shard != Path.GetFileName(shard) || shard is "" or "." or "..")
            {
                throw new CheckpointException(index, null, $"'{shard}' is not the name of a file in the folder.");
            }

            var path = Path.Combine(Location, shard);
            if (!File.Exists(path))
            {
                throw new CheckpointException(
                    index, null, $"The shard '{shard}' is not in the folder: the model is incomplete. Get the file too.");
            }

            AddShard(shard, path);
        }

        foreach (var (name, shard) in weightMap)
        {
            if (!_shards[shard].Tensors.ContainsKey(name))
            {
                throw new CheckpointException(index, name, $"It is not in '{shard}', where the index has it.");
            }
        }

        if (_tensors.Keys.FirstOrDefault(name => !weightMap.ContainsKey(name)) is { } unnamed)
        {
            throw new CheckpointException(_shardOf[unnamed].Location, unnamed, "The index does not name it.");
        }
    }

    private static Dictionary<string, string> ReadWeightMap(string index)
    {
        try
        {
            var content = StrictJson.ParseElement(File.ReadAllBytes(index));
            if (content.ValueKind != JsonValueKind.Object
                || !content.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException(index, null, "It has no object 'weight_map' of tensor name → shard.");
            }

            return map.EnumerateObject().ToDictionary(
                entry => entry.Name,
                entry => entry.Value.ValueKind == JsonValueKind.String
                    ? entry.Value.GetString()!
                    : throw new CheckpointException(index, entry.Name, "Its shard is not a string."));
        }
        catch (JsonException exception)
        {
            throw new CheckpointException(index, null, $"It is not valid JSON, {JsonProblem.Of(exception)}.", exception);
        }
        catch (IOException exception)
        {
            throw new CheckpointException(index, null, $"It cannot be read: {exception.Message}", exception);
        }
    }

    private void AddShard(string shard, string path)
    {
        var file = new SafetensorsFile(path);
        _shards.Add(shard, file);
        foreach (var (name, tensor) in file.Tensors)
        {
            if (!_tensors.TryAdd(name, tensor))
            {
                throw new CheckpointException(path, name, $"It is stored in {_shardOf[name].Location} too.");
            }

            _shardOf.Add(name, file);
        }
    }
}
