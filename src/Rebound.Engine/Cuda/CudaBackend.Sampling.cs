using Rebound.Engine.Cuda;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    private const int MostSamplingThreads = 1024;

    private static readonly Kernel SampleKernel = new("sampling", "sample_rows");
    private static readonly Kernel FeedKernel = new("sampling", "feed_drawn");

    protected override PreparedSampling AllocateSamplingCore(int rows, int vocabulary)
    {
        MakeCurrent();
        return new CudaSampling(Device, rows, vocabulary, _staging, _stream, MakeCurrent);
    }

    protected override void SampleCore(PreparedSampling sampling, Tensor logits, int first, int count)
    {
        var (rows, vocabulary) = ((CudaSampling)sampling, sampling.Vocabulary);
        var variant = new KernelVariant(DType.Float32, Wide: KernelVariant.IsWide(DType.Float32, vocabulary, logits));
        var threads = Math.Clamp(Blocks(vocabulary, 32 * variant.Lanes) * 32, 32, MostSamplingThreads);
        Launch(
            SampleKernel, variant, (count, 1), (threads, 1), 0,
            rows.Drawn, rows.LogProbabilities, rows.Likeliest, logits, rows.DeviceRows, first, vocabulary);
    }

    protected override void FeedDrawnCore(PreparedBatch batch, PreparedSampling sampling)
    {
        MakeCurrent();
        var lists = (CudaBatch)batch;
        Launch(
            FeedKernel, new KernelVariant(DType.Float32), (Blocks(batch.TokenCount, ElementwiseThreads), 1), (ElementwiseThreads, 1), 0,
            lists.Tokens, lists.TokenSources, ((CudaSampling)sampling).Drawn, batch.TokenCount);
        lists.ForgetTokens();
    }
}
