namespace Rebound.Pages.Tests;

/// <summary>Tests that share a server, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ChatPageGroup : ICollectionFixture<ChatPageFixture>
{
    public const string Name = "chat page";
}
