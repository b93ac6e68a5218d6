using System.Text.Json.Nodes;
using Rebound.Files.Rows;
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

    [Fact]
    public void Messages_at_inference_are_those_of_the_reference()
    {
        foreach (var row in File.ReadLines(SharedData.Path("golden/nat/infer_messages.jsonl")).Select(line => JsonNode.Parse(line)!))
        {
            var prompts = SharedData.Path($"data/prompts/{row["task"]}_conversation.json");
            var template = PromptFile.Load(prompts, row["template"]!.GetValue<string>());
            var expected = row["messages"]!.AsArray().Select(message =>
                new Turn(message!["role"]!.GetValue<string>(), message["content"]!.GetValue<string>(), Loss: false));
            Assert.Equal(expected, template.Ask(row["question"]!.GetValue<string>(), template.Positive));
        }
    }

    /// <summary>Every template of the reference's files that can ask a question, as it is stored with a model.</summary>
    [Fact]
    public void All_templates_of_the_reference_read_back_from_what_a_model_stores()
    {
        var read = 0;
        foreach (var path in Directory.GetFiles(SharedData.Path("data/prompts")))
        {
            foreach (var (name, body) in JsonNode.Parse(File.ReadAllText(path))!.AsObject())
            {
                if (body is JsonArray)
                {
                    Assert.Contains("no question prompt", Assert.Throws<DataException>(() => PromptFile.Load(path, name)).Message);
                    continue;
                }

                var template = PromptFile.Load(path, name);
                var again = PromptConfiguration.Read(PromptConfiguration.ToJson(template), "rebound.json");
                foreach (var outcome in new[] { 0, 0.1, 0.2, 0.3, 0.4, 0.9, 1 }.Select(f1 => new Outcome(f1 == 1 ? 1 : 0, f1)))
                {
                    var trajectory = new Trajectory("7", [new Turn("assistant", "a", true)], outcome, null, Row: 1);
                    var (expected, actual) = (template.Compose(trajectory, "Is it?", "t"), again.Compose(trajectory, "Is it?", "t"));
                    Assert.Equal(expected.Condition, actual.Condition);
                    Assert.Equal(expected.Turns, actual.Turns);
                }

                Assert.Equal(template.Ask("Is it?", template.Positive), again.Ask("Is it?", again.Find("positive")));
                read++;
            }
        }

        Assert.True(read >= 25, $"{read} templates");
    }
}
