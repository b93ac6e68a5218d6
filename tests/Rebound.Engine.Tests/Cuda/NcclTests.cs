using Rebound.Engine.Cuda;

namespace Rebound.Engine.Tests.Cuda;

public sealed class NcclTests
{
    [Fact]
    public void Its_absence_is_a_sentence_with_the_places_tried()
    {
        var runtime = CudaRuntime.Find();
        Assert.SkipWhen(runtime.Nccl.IsLoaded, "NCCL is here.");

        var absence = Assert.Throws<PlatformNotSupportedException>(runtime.RequireNccl).Message;

        Assert.StartsWith("Several GPUs compute together through NCCL, and ", absence, StringComparison.Ordinal);
        Assert.All(runtime.Nccl.Tried, attempt => Assert.Contains(attempt.Path, absence, StringComparison.Ordinal));
    }
}
