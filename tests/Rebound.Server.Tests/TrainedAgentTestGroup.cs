namespace Rebound.Server.Tests;

/// <summary>Tests that ask the one agent that is trained for them.</summary>
[CollectionDefinition(Name)]
public sealed class TrainedAgentTestGroup : ICollectionFixture<TrainedAgentFixture>
{
    public const string Name = "trained agent";
}
