using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Storage;

/// <summary>The documents of a mapped file. One is made whenever it is asked for, and its tokens stay where they are.</summary>
internal sealed unsafe class StoredDocuments(byte* start, StoredTrailer trailer, IReadOnlyList<string> names)
    : IReadOnlyList<TokenizedDocument>
{
    private readonly MappedArray<int> _numbers = new((int*)start, trailer.Numbers);
    private readonly MappedArray<LossRun> _runs = new((LossRun*)start, trailer.Numbers / 2);
    private readonly MappedArray<float> _logProbabilities = new((float*)start, trailer.Numbers);
    private readonly MappedArray<DocumentEntry> _entries =
        new((DocumentEntry*)(start + (trailer.Numbers * sizeof(int))), trailer.Entries);

    public int Count { get; } = checked((int)trailer.Entries);

    public TokenizedDocument this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            return Document(_entries.Slice(index, 1).Span[0]);
        }
    }

    public IEnumerator<TokenizedDocument> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private TokenizedDocument Document(DocumentEntry entry)
    {
        var content = new DocumentContent(
            _numbers.Slice(entry.Start, entry.Tokens),
            _runs.Slice((entry.Start + entry.RunsAt) / 2, entry.Runs),
            _logProbabilities.Slice(entry.Start + entry.LogProbabilitiesAt, entry.LogProbabilities));
        var hasQuestion = entry.QuestionBytes != DocumentEntry.SameAsId;
        var bytes = entry.IdBytes + (hasQuestion ? entry.QuestionBytes : 0);
        var texts = MemoryMarshal.AsBytes(
            _numbers.Slice(entry.Start + entry.TextsAt, (bytes + sizeof(int) - 1) / sizeof(int)).Span);
        var id = Encoding.UTF8.GetString(texts[..entry.IdBytes]);
        return new TokenizedDocument(id, names[entry.Condition], content)
        {
            Outcome = names[entry.Outcome],
            Reward = entry.HasReward == 0 ? null : entry.Reward,
            Weight = entry.Weight,
            File = names[entry.File],
            Question = hasQuestion ? Encoding.UTF8.GetString(texts[entry.IdBytes..bytes]) : id,
            Row = entry.Row,
            Sources = entry.Sources,
            CutTokens = entry.CutTokens,
        };
    }
}
