using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Testing;
using Rebound.Trajectories.Chat;

namespace Rebound.Study.Tests.Workbench;

public sealed class CopiesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend[] _backends = [new(1), new(1), new(1)];

    public CopiesTests() => TinyChatModel.Write(_folder.File("model"));

    public void Dispose()
    {
        foreach (var backend in _backends)
        {
            backend.Dispose();
        }

        _folder.Dispose();
    }

    [Fact]
    public void A_conversation_has_a_copy_of_its_own_and_the_next_one_goes_where_the_fewest_are()
    {
        using var model = LocalAgentModel.Open(_folder.File("model"), _backends);
        var client = model.Open(2, new ModelMeter());

        var (one, two, three) = (ChatPlace.Take(client), ChatPlace.Take(client), ChatPlace.Take(client));
        Assert.Equal(3, new[] { one, two, three }.Select(place => place.Client).Distinct().Count());

        // The first two are slow: all others go to the third.
        for (var i = 0; i < 5; i++)
        {
            three.Dispose();
            three.Dispose();
            using var next = ChatPlace.Take(client);
            Assert.Same(three.Client, next.Client);
            three = next;
        }

        Assert.Same(client, model.Open(2, new ModelMeter()));
        Assert.NotNull(one.Client.GetService(typeof(IGuidableModel), null));
    }
}
