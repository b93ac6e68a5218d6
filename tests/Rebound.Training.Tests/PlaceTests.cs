namespace Rebound.Training.Tests;

public sealed class PlaceTests
{
    [Fact]
    public void The_repository_root_is_found() => Assert.True(File.Exists(Path.Combine(Testing.SharedData.RepositoryRoot, "Rebound.slnx")));
}
