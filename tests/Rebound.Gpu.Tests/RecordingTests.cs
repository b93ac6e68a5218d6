using Rebound.Engine;
using Rebound.Engine.Tests.Conformance;

namespace Rebound.Gpu.Tests;

/// <summary>Recorded operations do each time what the same calls would do then.</summary>
public sealed class RecordingTests
{
    [Fact]
    public void A_recording_reads_and_writes_what_its_tensors_and_batches_hold_when_it_is_run()
    {
        var backend = Gpu.Shared;
        using var memory = new GuardedMemory(backend);
        var (table, rows, sum) = (memory.Of([1, 2, 3, 4], 4, 1), memory.Garbage(2, 1), memory.Of([0, 0], 2, 1));
        using var batch = backend.AllocateBatch(new BatchCapacity(Tokens: 2, Documents: 2, SequencePages: 0));
        void Enqueue()
        {
            backend.EmbeddingForward(rows, table, batch);
            backend.Add(sum, rows);
        }

        batch.Refill(new PackedBatch([0, 1], [0, 1, 2]), []);
        Enqueue();
        using var recording = backend.Record(Enqueue);
        Assert.Equal([1, 2], memory.Read(sum));

        recording.Run();
        Assert.Equal([2, 4], memory.Read(sum));
        batch.Refill(new PackedBatch([3, 2], [0, 1, 2]), []);
        batch.Derive();
        recording.Run();
        Assert.Equal([6, 7], memory.Read(sum));
    }

    [Fact]
    public void What_no_graph_can_hold_is_refused_and_the_backend_goes_on()
    {
        var backend = Gpu.Shared;
        using var memory = new GuardedMemory(backend);
        var values = memory.Of([1, 2], 2);
        Assert.ThrowsAny<Exception>(() => backend.Record(() => memory.Read(values)));
        backend.Add(values, values);
        Assert.Equal([2, 4], memory.Read(values));
    }
}
