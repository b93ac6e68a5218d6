using System.Text.Json.Nodes;
using Rebound.Agents.Episodes;
using Rebound.Testing;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Tests.Episodes;

public sealed class ReferenceActionsTests
{
    [Fact]
    public void Every_recorded_turn_is_read_as_the_reference_reads_it()
    {
        var rows = File.ReadAllLines(SharedData.Path("golden/nat/parse_actions.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var turn = ReferenceActions.Parse((string)row["text"]!);
            Assert.Equal((string?)row["thought"], turn.Thought);
            Assert.Equal((string?)row["action"], turn.Action);
            Assert.Equal((bool)row["error"]!, turn.Action is null);
            Assert.Equal((string?)row["action_type"], turn.Tool);
            Assert.Equal((string?)row["action_args"], turn.Argument);
            Assert.Equal((bool?)row["args_error"], turn.Action is null ? null : !turn.IsWellFormed);
        });
    }

    [Theory]
    [InlineData("Thought: a\nAction: search[\nAction: finish[b]", "Thought: a", "search[", "search", "")]
    [InlineData("Action: finish[", "", "finish[", "finish", "")]
    [InlineData("😀 Action: finish[x😀", "", ": finish[x😀", ": finish", "x")]
    [InlineData("  Action: finish[a]", "", ": finish[a]", ": finish", "a")]
    public void Oddities_are_kept(string text, string thought, string action, string tool, string argument) =>
        Assert.Equal(new ParsedTurn(thought, action, tool, argument), ReferenceActions.Parse(text));
}
