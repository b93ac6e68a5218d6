using Rebound.Engine.Cpu;

namespace Rebound.Engine;

public sealed unsafe partial class CpuBackend
{
    protected override PreparedSampling AllocateSamplingCore(int rows, int vocabulary) =>
        new CpuSampling(Device, rows, vocabulary, _pool.Threads);

    protected override void SampleCore(PreparedSampling sampling, Tensor logits, int first, int count)
    {
        var rows = (CpuSampling)sampling;
        var job = new SamplingJob
        {
            Sampling = rows,
            Logits = Floats(logits),
            First = first,
            Count = count,
            Parts = Math.Min(count, rows.Samplers.Length),
        };
        _pool.Run(ref job, job.Parts);
    }

    protected override void FeedDrawnCore(PreparedBatch batch, PreparedSampling sampling) =>
        ((CpuBatch)batch).Feed(((CpuSampling)sampling).Drawn);
}
