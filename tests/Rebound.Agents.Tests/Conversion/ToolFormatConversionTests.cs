using System.Text.Json;
using Rebound.Agents.Conversion;
using Rebound.Agents.Episodes;
using Rebound.Testing;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Tests.Conversion;

public sealed class ToolFormatConversionTests
{
    [Fact]
    public void Native_calls_become_actions_with_their_observations()
    {
        var trajectory = Read("""
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Rome and Oslo?"},
            {"role": "assistant", "content": "I ask twice.", "tool_calls": [
              {"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Rome\"}"}},
              {"id": "b", "type": "function", "function": {"name": "add", "arguments": "{\"a\": 1, \"b\": 2}"}}]},
            {"role": "tool", "tool_call_id": "b", "content": "3"}, {"role": "tool", "tool_call_id": "a", "content": "sun"},
            {"role": "assistant", "content": "Sun and 3."}],
            "tools": [{"type": "function", "function": {"name": "weather", "description": "Weather of\na city",
              "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}},
            {"type": "function", "function": {"name": "add", "description": "adds",
              "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {}}}}}]}
            """);

        var converted = ReactConversion.Convert(trajectory);

        Assert.Null(converted.Tools);
        Assert.StartsWith("Be brief.\n\n", converted.Turns[0].Content);
        Assert.EndsWith(
            "\n\n- weather: Weather of a city. Takes \"city\" (string; optional).\n- add: adds. Takes a JSON object of \"a\" (integer; "
                + "optional), \"b\" (optional).",
            converted.Turns[0].Content);
        Assert.Equal(
            [
                "user: Rome and Oslo?", "assistant: Thought: I ask twice.\nAction: weather[Rome]", "user: Observation: sun",
                "assistant: Action: add[{\"a\": 1, \"b\": 2}]", "user: Observation: 3", "assistant: Action: finish[Sun and 3.]",
                "user: Observation: Episode finished",
            ],
            converted.Turns.Skip(1).Select(turn => $"{turn.Role}: {turn.Content}"));
        Assert.All(converted.Turns, turn => Assert.Equal(turn.Role == Roles.Assistant, turn.Loss));
        foreach (var turn in converted.Turns.Where(turn => turn.Loss))
        {
            Assert.True(TolerantActions.Parse(turn.Content, ["weather", "add", "finish"]).IsWellFormed, turn.Content);
        }
    }

    [Fact]
    public void Actions_become_native_calls_with_their_results()
    {
        var trajectory = Read("""
            {"conversations": [{"role": "user", "content": "6 eggs, 2 eaten?"},
            {"role": "assistant", "content": "Thought: subtract\n\nAction: calculate[6-2]", "loss": true},
            {"role": "user", "content": "Observation: 4"},
            {"role": "assistant", "content": "Thought: done\nAction: finish[4]", "loss": true},
            {"role": "user", "content": "Observation: Episode finished"}]}
            """);

        var converted = NativeConversion.Convert(trajectory);

        Assert.Equal(
            [
                "user: 6 eggs, 2 eaten?", """assistant: subtract calculate#call00001{"expression":"6-2"}""", "tool: 4",
                """assistant: done finish#call00002{"answer":"4"}""", "tool: Episode finished",
            ],
            converted.Turns.Select(turn =>
                $"{turn.Role}: {turn.Content}{string.Concat(turn.ToolCalls.Select(call => $" {call.Name}#{call.Id}{call.Arguments}"))}"));
        Assert.Equal(["calculate", "finish"], ToolSchemas.Declare(converted.Tools!.Value).Select(tool => tool.Name));
    }

    [Fact]
    public void What_calls_nothing_stays_as_it_is_in_both_directions()
    {
        var trajectory = Read("""{"messages": [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hello."}]}""");
        Assert.Same(trajectory, ReactConversion.Convert(trajectory));
        Assert.Same(trajectory, NativeConversion.Convert(trajectory));
    }

    [Fact]
    public async Task Recorded_episodes_come_back_from_native_calls_as_they_were()
    {
        var path = SharedData.Path("data/strategyqa/positive.json");
        var seen = 0;
        await foreach (var trajectory in TrajectoryFile.ReadAsync(path, cancellation: TestContext.Current.CancellationToken))
        {
            if (seen++ == 200)
            {
                break;
            }

            var back = ReactConversion.Convert(NativeConversion.Convert(trajectory));
            var turns = back.Turns.Where(turn => turn.Role == Roles.Assistant).ToArray();
            var before = trajectory.Turns.Where(turn => turn.Role == Roles.Assistant).ToArray();
            Assert.Equal(before.Length, turns.Length);
            foreach (var (was, now) in before.Zip(turns))
            {
                var (expected, actual) = (TolerantActions.Parse(was.Content, []), TolerantActions.Parse(now.Content, []));
                Assert.Equal((expected.Tool, expected.Argument), (actual.Tool, actual.Argument));
            }
        }
    }

    private static Trajectory Read(string row) => TrajectoryFile.ReadRow(JsonSerializer.Deserialize<JsonElement>(row), "row", 1);
}
