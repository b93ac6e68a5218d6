using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;

namespace Rebound.Training.Methods;

/// <summary>
/// A baseline on the disk: <c>losses</c> and <c>mismatched_losses</c>, those of all documents one after the other in fp32, with a
/// fingerprint of what they depend on in the metadata.
/// </summary>
internal sealed class BaselineFile : ITensorSource
{
    public const string FileName = "baseline.safetensors";

    private const string Losses = "losses";
    private const string MismatchedLosses = "mismatched_losses";
    private const string Fingerprint = "fingerprint";

    private readonly Dictionary<string, float[]> _values;

    private BaselineFile(string path, Baseline baseline)
    {
        Location = path;
        _values = new Dictionary<string, float[]>
        {
            [Losses] = [.. baseline.Documents.SelectMany(losses => losses)],
            [MismatchedLosses] = [.. baseline.Mismatched.SelectMany(losses => losses)],
        };
        Tensors = _values.ToDictionary(values => values.Key, values => new StoredTensor(values.Key, [values.Value.Length], "F32"));
    }

    public string Location { get; }

    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    public void Read(string name, Span<float> destination) => _values[name].CopyTo(destination);

    public void Dispose()
    {
        // The values are the process's.
    }

    /// <param name="fingerprint">Of the model, the data and the method.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Write(string path, Baseline baseline, string fingerprint)
    {
        using var source = new BaselineFile(path, baseline);
        SafetensorsWriter.Write(
            path, source, source.Tensors.Keys, StoredFloatType.F32, new Dictionary<string, string> { [Fingerprint] = fingerprint });
    }

    /// <summary>Reads a baseline; null if none is there, or it is another's.</summary>
    /// <param name="read">Whether training reads each of the documents.</param>
    public static Baseline? Find(string path, LearningSet data, bool[] read, string fingerprint)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var file = new SafetensorsFile(path);
            return file.Metadata.GetValueOrDefault(Fingerprint) == fingerprint
                ? new Baseline(
                    Cut(file, Losses, read, data.Documents.Select(document => document.SupervisedTokens)),
                    Cut(file, MismatchedLosses, read, data.Documents.Select(document => document.Mismatched?.SupervisedTokens ?? 0)))
                : null;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private static IReadOnlyList<float[]> Cut(SafetensorsFile file, string name, bool[] read, IEnumerable<int> lengths)
    {
        var counts = lengths.Select((length, index) => read[index] ? length : 0).ToArray();
        var (values, first) = (new float[counts.Sum()], 0);
        file.Read(name, values);
        return [.. counts.Select(count =>
        {
            var part = values.AsSpan(first, count).ToArray();
            first += count;
            return part;
        })];
    }
}
