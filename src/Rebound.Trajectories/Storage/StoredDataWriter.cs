using System.Runtime.InteropServices;
using System.Text;
using Rebound.Files;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Storage;

/// <summary>
/// Writes rendered documents as they come: the numbers of all (<see cref="DocumentEntry"/>), then the entries by their rows' order, what
/// else was found (<see cref="StoredFindings"/>), and <see cref="StoredTrailer"/>. Numbers are in the machine's byte order, as the file is
/// never taken to another.
/// </summary>
internal sealed class StoredDataWriter(Stream file) : IDocumentSink
{
    /// <summary>Documents whose entries lie in one array: one list of all would be copied whenever it grows.</summary>
    private const int ChunkEntries = 16_384;

    private static readonly byte[] Filling = new byte[sizeof(long)];

    private readonly List<(DocumentEntry Entry, int Outcome, int Place)[]> _chunks = [];
    private readonly OrderedDictionary<string, int> _names = new(StringComparer.Ordinal);
    private uint _checksum = Crc32C.Start;
    private long _bytes;

    public int Count { get; private set; }

    public void Add((int Outcome, int Place) order, TokenizedDocument document)
    {
        var (content, id) = (document.Content, Encoding.UTF8.GetBytes(document.Id));
        var question = document.Question == document.Id ? null : Encoding.UTF8.GetBytes(document.Question);
        Keep(order, new DocumentEntry
        {
            Start = _bytes / sizeof(int),
            Reward = document.Reward ?? 0,
            Weight = document.Weight,
            Sources = document.Sources,
            Tokens = content.Tokens.Length,
            Runs = content.Runs.Length,
            LogProbabilities = content.LogProbabilities.Length,
            IdBytes = id.Length,
            QuestionBytes = question?.Length ?? DocumentEntry.SameAsId,
            File = Name(document.File),
            Condition = Name(document.Condition),
            Outcome = Name(document.Outcome),
            Row = document.Row,
            CutTokens = document.CutTokens,
            HasReward = document.Reward is null ? 0 : 1,
        });
        Write(MemoryMarshal.AsBytes(content.Tokens.Span));
        FillUp();
        Write(MemoryMarshal.AsBytes(content.Runs.Span));
        Write(MemoryMarshal.AsBytes(content.LogProbabilities.Span));
        Write(id);
        Write(question);
        FillUp();
    }

    /// <summary>Writes what follows the last document.</summary>
    public void Complete(DatasetFindings findings, LengthLimit limit)
    {
        var numbers = _bytes / sizeof(int);
        var places = Enumerable.Range(0, Count).ToArray();
        Array.Sort(places, (one, other) => Order(one).CompareTo(Order(other)));
        foreach (var place in places)
        {
            Write(MemoryMarshal.AsBytes([At(place).Entry]));
        }

        var found = StoredFindings.Of([.. _names.Keys], findings, limit).ToUtf8();
        Write(found);
        var trailer = new StoredTrailer
        {
            Format = StoredTrailer.Mark,
            Numbers = numbers,
            Entries = Count,
            FindingsBytes = found.Length,
            Checksum = Crc32C.End(_checksum),
        };
        file.Write(MemoryMarshal.AsBytes([trailer]));
    }

    private void Keep((int Outcome, int Place) order, DocumentEntry entry)
    {
        if (Count % ChunkEntries == 0)
        {
            _chunks.Add(new (DocumentEntry, int, int)[ChunkEntries]);
        }

        _chunks[^1][Count++ % ChunkEntries] = (entry, order.Outcome, order.Place);
    }

    private ref readonly (DocumentEntry Entry, int Outcome, int Place) At(int place) =>
        ref _chunks[place / ChunkEntries][place % ChunkEntries];

    /// <summary>By its row, and among those of a row as it came.</summary>
    private (int Outcome, int Place, int Coming) Order(int place)
    {
        ref readonly var kept = ref At(place);
        return (kept.Outcome, kept.Place, place);
    }

    private int Name(string name)
    {
        if (!_names.TryGetValue(name, out var place))
        {
            _names.Add(name, place = _names.Count);
        }

        return place;
    }

    private void FillUp() => Write(Filling.AsSpan(0, (int)(-_bytes & (sizeof(long) - 1))));

    private void Write(ReadOnlySpan<byte> bytes)
    {
        file.Write(bytes);
        _checksum = Crc32C.Append(_checksum, bytes);
        _bytes += bytes.Length;
    }
}
