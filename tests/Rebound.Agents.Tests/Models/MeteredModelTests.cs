using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Agents.Tests.Chat;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Tests.Models;

public sealed class MeteredModelTests
{
    private static readonly ChatMessage[] Question = [new(ChatRole.User, "q")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_of_an_answer_under_way_are_counted_one_by_one()
    {
        var meter = new ModelMeter();
        var model = new MeteredModel(new StreamingModel((_, _) => "abcdef", piece: 2), meter, streams: true);
        var seen = new List<(long, int, int)>();
        await foreach (var _ in model.GetStreamingResponseAsync(Question, cancellationToken: Cancellation))
        {
            seen.Add((meter.OutputTokens, meter.UnderWay, meter.Turns));
        }

        Assert.Equal([(1, 1, 0), (2, 1, 0), (3, 1, 0)], seen);
        Assert.Equal((3, 0, 1), (meter.OutputTokens, meter.UnderWay, meter.Turns));
        Assert.Equal("abcdef", (await model.GetResponseAsync(Question, cancellationToken: Cancellation)).Text);
        Assert.Equal((6, 0, 2), (meter.OutputTokens, meter.UnderWay, meter.Turns));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_fails_is_no_turn_and_no_longer_waited_for(bool streams)
    {
        var meter = new ModelMeter();
        var model = new MeteredModel(new ScriptedModel(_ => throw new HttpRequestException("no route")), meter, streams);

        await Assert.ThrowsAsync<HttpRequestException>(() => model.GetResponseAsync(Question, cancellationToken: Cancellation));

        Assert.Equal((0, 0), (meter.UnderWay, meter.Turns));
    }
}
