using Rebound.Engine;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Tests;

public sealed class DocumentBatchTests
{
    /// <summary>Rendering and the engine do not know each other; what one marks the other leaves out.</summary>
    [Fact]
    public void Rendering_marks_tokens_outside_of_the_loss_as_the_engine_reads_them() =>
        Assert.Equal(PackedBatch.IgnoreLabel, TokenizedDocument.IgnoreLabel);
}
