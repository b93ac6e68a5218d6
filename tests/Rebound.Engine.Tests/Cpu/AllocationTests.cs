using Rebound.Engine.Tests.Conformance;
using Rebound.Engine.Tests.Reference;

namespace Rebound.Engine.Tests.Cpu;

public sealed class AllocationTests : IDisposable
{
    private const int Hidden = 48;
    private const int Vocabulary = 100;

    private static readonly AttentionShape Heads = new(4, 2, 16, 0.25f);

    private readonly CpuBackend _backend = new(threads: 2);
    private readonly GuardedMemory _memory;
    private readonly PackedBatch _batch = Numbers.Batch([70, 30], Vocabulary);

    private readonly PreparedBatch _prepared;

    public AllocationTests() => (_memory, _prepared) = (new GuardedMemory(_backend), _backend.Prepare(_batch));

    [Fact]
    public void Operations_allocate_nothing_after_their_first_call()
    {
        foreach (var (name, operation) in Operations())
        {
            operation();
            operation();
            // A thread takes its own memory when it first takes a part of the work, which may be in a later call than the first.
            var allocated = Enumerable.Range(0, 5).Min(_ => Allocated(operation));
            Assert.True(allocated == 0, $"{name} allocated {allocated} bytes.");
        }
    }

    public void Dispose()
    {
        _memory.Dispose();
        _prepared.Dispose();
        _backend.Dispose();
    }

    private static long Allocated(Action operation)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        operation();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private IEnumerable<(string Name, Action Operation)> Operations()
    {
        var rows = _batch.TokenCount;
        var (a, b, weight, ofRows) = (_memory.Garbage(rows, Hidden), _memory.Garbage(rows, Hidden),
            _memory.Garbage(Hidden), _memory.Garbage(rows));
        var (table, square, bias) = (_memory.Garbage(Vocabulary, Hidden), _memory.Garbage(Hidden, Hidden), _memory.Garbage(Hidden));
        yield return ("Fill", () => _backend.Fill(a, 0.5f));
        yield return ("Add", () => _backend.Add(a, b));
        yield return ("ScatterRows", () => _backend.ScatterRows(a, b.Rows(0, _batch.SupervisedRows.Length), _prepared));
        yield return ("GatherRows", () => _backend.GatherRows(a.Rows(0, _batch.SupervisedRows.Length), b, _prepared));
        yield return ("EmbeddingForward", () => _backend.EmbeddingForward(a, table, _prepared));
        yield return ("EmbeddingBackward", () => _backend.EmbeddingBackward(table, a, _prepared));
        yield return ("LinearForward", () => _backend.LinearForward(a, b, square, bias));
        yield return ("LinearBackwardInput", () => _backend.LinearBackwardInput(a, b, square));
        yield return ("LinearBackwardWeight", () => _backend.LinearBackwardWeight(square, bias, a, b));
        var lowRank = _memory.Garbage(16, 8);
        yield return ("LinearForward over columns", () => _backend.LinearForward(a.Columns(8, 16), b.Columns(3, 8), lowRank));
        yield return ("LinearBackwardInput over columns", () => _backend.LinearBackwardInput(b.Columns(3, 8), a.Columns(8, 16), lowRank));
        yield return ("LinearBackwardWeight over columns", () => _backend.LinearBackwardWeight(lowRank, a.Columns(8, 16), b.Columns(3, 8)));
        yield return ("Scale", () => _backend.Scale(a.Columns(3, 8), 2));
        yield return ("Dropout", () => _backend.Dropout(a, b, 0.1f, 1, accumulate: true));
        yield return ("RmsNormForward", () => _backend.RmsNormForward(a, ofRows, b, weight, 1e-5f));
        yield return ("RmsNormBackward", () => _backend.RmsNormBackward(a, weight, b, a, b, weight, ofRows));
        var gateUp = _memory.Garbage(rows, 2 * Hidden);
        yield return ("SwiGluForward", () => _backend.SwiGluForward(a, gateUp));
        yield return ("SwiGluBackward", () => _backend.SwiGluBackward(gateUp, a, a, gateUp));

        var (fused, normed) = (_memory.Garbage(rows, 8, 16), _memory.Garbage(rows, 8, 16));
        var (output, sums, reciprocal, headWeight) = (_memory.Garbage(rows, 4, 16), _memory.Garbage(rows, 4),
            _memory.Garbage(rows, 6), _memory.Garbage(16));
        var rotary = new RotaryTable(_memory.Garbage(70, 8), _memory.Garbage(70, 8));
        yield return ("QueryKeyNormForward",
            () => _backend.QueryKeyNormForward(normed, reciprocal, fused, headWeight, headWeight, Heads, 1e-6f));
        yield return ("QueryKeyNormBackward", () => _backend.QueryKeyNormBackward(
            normed, headWeight, headWeight, normed, fused, headWeight, headWeight, reciprocal, Heads));
        yield return ("RotaryForward", () => _backend.RotaryForward(fused, rotary, _prepared, Heads));
        yield return ("RotaryBackward", () => _backend.RotaryBackward(fused, rotary, _prepared, Heads));
        yield return ("AttentionForward", () => _backend.AttentionForward(output, sums, fused, _prepared, Heads));
        yield return ("AttentionBackward", () => _backend.AttentionBackward(normed, output, output, sums, fused, _prepared, Heads));

        var cache = new KeyValuePages(_memory.Garbage(3, 2, 64, 16), _memory.Garbage(3, 2, 64, 16));
        var pages = new PageTable([[0, 2], [1]]);
        var cached = _backend.Prepare(_batch, pages);
        yield return ("Refill", () => cached.Refill(_batch, _batch.SupervisedRows, pages));
        yield return ("CacheAppend", () => _backend.CacheAppend(cache, fused, cached, Heads));
        yield return ("CachedAttention", () => _backend.CachedAttention(output, cache, fused, cached, Heads));

        var supervised = _batch.SupervisedRows.Length;
        var (losses, scratch) = (_memory.Garbage(supervised), _memory.Garbage(_backend.CrossEntropyHeadScratch(supervised, Vocabulary)));
        yield return ("CrossEntropyHead",
            () => _backend.CrossEntropyHead(losses, a.Rows(0, supervised), table, b.Rows(0, supervised), table, _prepared, scratch, 0.1f));
        SamplingRow[] drawn = [new() { Temperature = 1, TopK = 3, TopP = 0.9f, Likeliest = 2 }, new()];
        var sampling = _backend.AllocateSampling(drawn.Length, Hidden);
        yield return ("Refill of sampling", () => sampling.Refill(drawn));
        yield return ("Sample", () => _backend.Sample(sampling, a.Rows(0, drawn.Length), 0, drawn.Length));
        yield return ("Read", () => sampling.Read(sampling.Collect()));
        yield return ("AdamW", () => _backend.AdamW(a, b, a, b, new AdamWStep(0.1f, 0.9f, 0.95f, 1e-8f, 0, 1, 1)));
        yield return ("SumOfSquares", () => _backend.SumOfSquares(a));
    }
}
