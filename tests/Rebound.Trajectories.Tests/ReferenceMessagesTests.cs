using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

/// <summary>Conversations are composed as the NAT reference composes them, for all its templates.</summary>
public sealed class ReferenceMessagesTests
{
    [Fact]
    public async Task Messages_are_those_of_the_reference()
    {
        var rows = File.ReadLines(SharedData.Path("golden/nat/train_rows.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.NotEmpty(rows);
        using var file = new TemporaryFile(string.Join('\n', rows.Select(row => row["trajectory"]!.ToJsonString())));
        await foreach (var trajectory in TrajectoryFile.ReadAsync(file.Path, cancellation: TestContext.Current.CancellationToken))
        {
            var row = rows[trajectory.Row - 1];
            var prompts = SharedData.Path($"data/prompts/{row["task"]}_conversation.json");
            var template = PromptFile.Load(prompts, row["template"]!.GetValue<string>());
            var expected = row["messages"]!.AsArray().Select(message =>
                new Turn(message!["role"]!.GetValue<string>(), message["content"]!.GetValue<string>(), message["loss"]!.GetValue<bool>()));
            Assert.Equal(expected, template.Compose(trajectory, row["question"]!.GetValue<string>(), file.Path).Turns);
        }
    }
}
