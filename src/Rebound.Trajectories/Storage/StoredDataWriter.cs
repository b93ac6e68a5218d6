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
    private static readonly byte[] Filling = new byte[sizeof(long)];

    private readonly List<DocumentEntry> _entries = [];
    private readonly List<(int Outcome, int Place)> _orders = [];
    private readonly OrderedDictionary<string, int> _names = new(StringComparer.Ordinal);
    private uint _checksum = Crc32C.Start;
    private long _bytes;

    public int Count => _entries.Count;

    public void Add((int Outcome, int Place) order, TokenizedDocument document)
    {
        var (content, id) = (document.Content, Encoding.UTF8.GetBytes(document.Id));
        var question = document.Question == document.Id ? null : Encoding.UTF8.GetBytes(document.Question);
        _orders.Add(order);
        _entries.Add(new DocumentEntry
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
        var places = Enumerable.Range(0, _entries.Count).ToArray();
        Array.Sort(places, (one, other) => (_orders[one], one).CompareTo((_orders[other], other)));
        foreach (var place in places)
        {
            Write(MemoryMarshal.AsBytes([_entries[place]]));
        }

        var found = StoredFindings.Of([.. _names.Keys], findings, limit).ToUtf8();
        Write(found);
        var trailer = new StoredTrailer
        {
            Format = StoredTrailer.Mark,
            Numbers = numbers,
            Entries = _entries.Count,
            FindingsBytes = found.Length,
            Checksum = Crc32C.End(_checksum),
        };
        file.Write(MemoryMarshal.AsBytes([trailer]));
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
