using System.Runtime.InteropServices;
using Rebound.Engine.Cpu;
using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    protected override PreparedSampling AllocateSamplingCore(int rows, int vocabulary) =>
        new CpuSampling(Device, rows, vocabulary, threads: 1);

    /// <remarks>On the host.</remarks>
    protected override void SampleCore(PreparedSampling sampling, Tensor logits, int first, int count)
    {
        var host = new float[logits.Count];
        CopyToHostCore<float>(host, logits);
        fixed (float* values = host)
        {
            var job = new SamplingJob { Sampling = (CpuSampling)sampling, Logits = values, First = first, Count = count, Parts = 1 };
            job.Execute(0);
        }
    }

    protected override void FeedDrawnCore(PreparedBatch batch, PreparedSampling sampling)
    {
        MakeCurrent();
        var tokens = batch.Batch.Tokens.ToArray();
        for (var t = 0; t < tokens.Length; t++)
        {
            tokens[t] = batch.Sources[t] < 0 ? tokens[t] : Math.Max(((CpuSampling)sampling).Drawn[batch.Sources[t]], 0);
        }

        _staging.Upload(((CudaBatch)batch).Tokens, MemoryMarshal.AsBytes<int>(tokens));
    }
}
