using System.Text.Json;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Files.Json;

namespace Rebound.Training.Checkpoints;

/// <summary>The tensors of which any number of ranks wrote parts (<see cref="ParameterShard"/>), whole.</summary>
internal sealed class ShardedTensors : ITensorSource
{
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, List<Piece>> _pieces = [];
    private readonly Dictionary<string, StoredTensor> _tensors = [];

    private ShardedTensors(string location) => Location = location;

    public string Location { get; }

    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>Opens the file of a single rank, or those of several.</summary>
    /// <param name="name">The file's name of a single rank, without its extension.</param>
    /// <exception cref="CheckpointException">Files are missing or damaged, or their parts do not make whole tensors.</exception>
    public static ITensorSource Open(string folder, string name)
    {
        var whole = Path.Combine(folder, ParameterShard.FileName(name, 1, 1));
        var shards = Directory.GetFiles(folder, $"{name}-*-of-*.safetensors").Order(StringComparer.Ordinal).ToArray();
        if (File.Exists(whole) || shards.Length == 0)
        {
            return new SafetensorsFile(whole);
        }

        var tensors = new ShardedTensors(Path.Combine(folder, $"{name}-*"));
        try
        {
            tensors.Open(folder, name, shards.Length);
            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    public void Read(string name, Span<float> destination)
    {
        Tensors.Find(name, Location, destination.Length);
        foreach (var piece in _pieces[name])
        {
            piece.File.Read(name, destination[(int)piece.First..(int)piece.End]);
        }
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private void Open(string folder, string name, int count)
    {
        for (var part = 1; part <= count; part++)
        {
            var path = Path.Combine(folder, ParameterShard.FileName(name, part, count));
            if (!File.Exists(path))
            {
                throw new CheckpointException(path, null, $"The file is absent, and there are {count} parts of {name}.");
            }

            var file = new SafetensorsFile(path);
            _files.Add(file);
            foreach (var stored in file.Tensors.Values)
            {
                Add(file, stored);
            }
        }

        foreach (var (tensor, pieces) in _pieces)
        {
            CheckWhole(_tensors[tensor], pieces);
        }
    }

    private void Add(SafetensorsFile file, StoredTensor stored)
    {
        var range = RangeOf(file, stored);
        var whole = new StoredTensor(stored.Name, range.Shape, stored.StoredType);
        if (!_tensors.TryAdd(stored.Name, whole))
        {
            if (!_tensors[stored.Name].Shape.SequenceEqual(whole.Shape))
            {
                throw new CheckpointException(
                    file.Location, stored.Name, $"Its shape is [{string.Join(", ", whole.Shape)}], and another in an earlier part.");
            }
        }
        else
        {
            _pieces.Add(stored.Name, []);
        }

        _pieces[stored.Name].Add(new Piece(file, range.Range[0], range.Range[1]));
    }

    private static ShardRange RangeOf(SafetensorsFile file, StoredTensor stored)
    {
        if (!file.Metadata.TryGetValue(stored.Name, out var text))
        {
            throw new CheckpointException(file.Location, stored.Name, "The metadata do not say which elements they are.");
        }

        try
        {
            var range = JsonSerializer.Deserialize<ShardRange>(text, StrictJson.ForSerializer);
            return range is { Shape.Count: > 0, Range: [>= 0 and var first, var end] } && end - first == stored.Count
                && range.Shape.All(extent => extent is > 0 and <= int.MaxValue)
                ? range
                : throw new CheckpointException(
                    file.Location, stored.Name, $"The metadata say '{text}', which is no range of its {stored.Count} elements.");
        }
        catch (JsonException exception)
        {
            throw new CheckpointException(
                file.Location, stored.Name, $"The metadata are no shape and range: {JsonProblem.Sentence(exception)}.", exception);
        }
    }

    private void CheckWhole(StoredTensor whole, List<Piece> pieces)
    {
        var (end, count) = (0L, CountOf(whole));
        pieces.Sort((one, other) => one.First.CompareTo(other.First));
        foreach (var piece in pieces)
        {
            if (piece.First != end)
            {
                throw new CheckpointException(
                    piece.File.Location, whole.Name, $"It begins at element {piece.First}, and the parts before it end at {end}.");
            }

            end = piece.End;
        }

        if (end != count)
        {
            throw new CheckpointException(Location, whole.Name, $"The parts have {end} of its {count} elements.");
        }
    }

    private long CountOf(StoredTensor whole)
    {
        try
        {
            return whole.Count;
        }
        catch (OverflowException exception)
        {
            throw new CheckpointException(
                Location, whole.Name, $"The shape [{string.Join(", ", whole.Shape)}] has more elements than can be addressed.", exception);
        }
    }

    /// <summary>Elements of a tensor in one of the files.</summary>
    private sealed record Piece(SafetensorsFile File, long First, long End);
}
