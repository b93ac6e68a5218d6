using Rebound.Agents.Tools;
using Rebound.Testing;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Tests.Tools;

public sealed class ReplayToolTests
{
    [Fact]
    public async Task What_was_recorded_is_answered_again()
    {
        var path = SharedData.Path("data/strategyqa/negative.json");
        var cancellation = TestContext.Current.CancellationToken;
        var tool = new ReplayTool(
            "search", await ReplayTool.CollectAsync("search", TrajectoryFile.ReadAsync(path, cancellation: cancellation), cancellation));

        Assert.True(tool.Count > 1_000);
        Assert.StartsWith(
            " #1: ", await tool.InvokeAsync("Are more people today related to Genghis Khan than Julius Caesar?", cancellation));
        Assert.Contains(
            "no recorded observation of search[never]",
            (await Assert.ThrowsAsync<ToolException>(() => tool.InvokeAsync("never", cancellation))).Message);
    }

    [Fact]
    public async Task What_was_not_recorded_goes_to_another_tool()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Turn[] turns = [new(Roles.Assistant, "Thought: a\nAction: calculate[2+2]", true), new(Roles.User, "Observation: 5", false)];
        var recorded = await ReplayTool.CollectAsync(
            "calculate", new[] { new Trajectory("1", turns, new Outcome(0, null), null, 1) }.ToAsyncEnumerable(), cancellation);
        var tool = new ReplayTool("calculate", recorded, new CalculateTool());

        Assert.Equal(["5", "6"], [await tool.InvokeAsync("2+2", cancellation), await tool.InvokeAsync("2*3", cancellation)]);
    }

    [Fact]
    public void Names_of_tools_are_taken_once()
    {
        Assert.Throws<ArgumentException>(() => new ToolSet(new CalculateTool(), new CalculateTool()));
        Assert.Throws<ArgumentException>(() => new ToolSet(new ReplayTool("finish", new Dictionary<string, string>())));
    }
}
