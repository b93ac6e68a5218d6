using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Training.Documents;

namespace Rebound.Training.Methods;

/// <summary>
/// A baseline on the disk: <c>losses</c> and <c>mismatched_losses</c>, those of all documents one after the other in fp32, with a
/// fingerprint of what they depend on in the metadata. They are mapped, and a document's are read whenever they are asked for.
/// </summary>
internal sealed class BaselineFile : IDisposable
{
    public const string FileName = "baseline.safetensors";

    private const string Losses = "losses";
    private const string MismatchedLosses = "mismatched_losses";
    private const string Fingerprint = "fingerprint";

    private readonly SafetensorsFile _file;

    private BaselineFile(SafetensorsFile file, long[] documents, long[] mismatched)
    {
        _file = file;
        Baseline = new Baseline(View(Losses, documents), View(MismatchedLosses, mismatched));
    }

    /// <summary>Its losses, until it is disposed of.</summary>
    public Baseline Baseline { get; }

    public void Dispose() => _file.Dispose();

    /// <summary>Writes a baseline as it is computed, in whatever order that is.</summary>
    /// <param name="read">Whether training reads each of the documents.</param>
    /// <param name="fingerprint">Of the model, the data and the method.</param>
    /// <param name="compute">Gives the losses of documents and of mismatched ones.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Write(string path, LearningSet data, bool[] read, string fingerprint, Action<TakeLosses, TakeLosses> compute)
    {
        var (documents, mismatched) = (Starts(data, read, LossesOf), Starts(data, read, MismatchedOf));
        SafetensorsWriter.WritePieces(
            path, [Stored(Losses, documents), Stored(MismatchedLosses, mismatched)],
            new Dictionary<string, string> { [Fingerprint] = fingerprint },
            put => compute(
                (document, losses) => put(Losses, documents[document], losses),
                (document, losses) => put(MismatchedLosses, mismatched[document], losses)));
    }

    /// <summary>Maps a baseline; null if none is there, or it is another's.</summary>
    /// <param name="read">Whether training reads each of the documents.</param>
    public static BaselineFile? Find(string path, LearningSet data, bool[] read, string fingerprint)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        SafetensorsFile? file = null;
        try
        {
            file = new SafetensorsFile(path);
            var (documents, mismatched) = (Starts(data, read, LossesOf), Starts(data, read, MismatchedOf));
            if (file.Metadata.GetValueOrDefault(Fingerprint) == fingerprint && Holds(file, Stored(Losses, documents))
                && Holds(file, Stored(MismatchedLosses, mismatched)))
            {
                return new BaselineFile(file, documents, mismatched);
            }
        }
        catch (CheckpointException)
        {
            // It is damaged, and computed again.
        }

        file?.Dispose();
        return null;
    }

    private static int LossesOf(LearningDocument document) => document.SupervisedTokens;

    private static int MismatchedOf(LearningDocument document) => document.Mismatched?.SupervisedTokens ?? 0;

    /// <summary>Where the losses of each document begin, and where the last one's end.</summary>
    private static long[] Starts(LearningSet data, bool[] read, Func<LearningDocument, int> count)
    {
        var starts = new long[read.Length + 1];
        for (var document = 0; document < read.Length; document++)
        {
            starts[document + 1] = starts[document] + (read[document] ? count(data.Documents[document]) : 0);
        }

        return starts;
    }

    private static StoredTensor Stored(string name, long[] starts) => new(name, [starts[^1]], nameof(StoredFloatType.F32));

    private static bool Holds(SafetensorsFile file, StoredTensor tensor) =>
        file.Tensors.TryGetValue(tensor.Name, out var there) && there.StoredType == tensor.StoredType
        && there.Shape.SequenceEqual(tensor.Shape);

    private ListView<float[]> View(string name, long[] starts) => new(starts.Length - 1, document =>
    {
        var losses = new float[starts[document + 1] - starts[document]];
        _file.ReadPart(name, starts[document], losses);
        return losses;
    });
}
