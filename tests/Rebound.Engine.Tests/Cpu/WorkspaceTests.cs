using Rebound.Engine.Cpu;

namespace Rebound.Engine.Tests.Cpu;

public sealed unsafe class WorkspaceTests
{
    [Fact]
    public void Memory_that_cannot_be_had_is_not_handed_out_later()
    {
        using var workspace = new Workspace();
        workspace.Floats(16)[15] = 1;

        Assert.Throws<OutOfMemoryException>(() => _ = workspace.Bytes(1L << 60));
        Assert.Throws<OutOfMemoryException>(() => _ = workspace.Bytes(1L << 59));

        workspace.Floats(16)[15] = 2;
        Assert.Equal(2, workspace.Floats(16)[15]);
    }
}
