using System.Text.Json.Nodes;
using Rebound.Server.OpenAi;
using Rebound.Testing;

namespace Rebound.Server.Tests;

public sealed class GoldenAnswerTests
{
    [Fact]
    public async Task Greedy_answers_are_those_of_the_oracle_asked_all_at_once()
    {
        var model = SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        var rows = File.ReadLines(SharedData.Path("golden/smollm2/generate.jsonl")).Take(2).Select(line => JsonNode.Parse(line)!).ToArray();
        await using var server = await RunningServer.StartAsync(model);

        var answers = await Task.WhenAll(rows.Select(row => server.AskAsync(ChatEndpoint.Path, new JsonObject
        {
            ["messages"] = row["messages"]!.DeepClone(),
            ["temperature"] = 0,
            ["max_tokens"] = row["output_ids"]!.AsArray().Count,
            ["return_token_ids"] = true,
        })));

        foreach (var (row, answer) in rows.Zip(answers))
        {
            Assert.Equal((string?)row["output"], (string?)answer["choices"]![0]!["message"]!["content"]);
            Assert.True(JsonNode.DeepEquals(row["output_ids"], answer["choices"]![0]!["token_ids"]));
            Assert.True(JsonNode.DeepEquals(row["prompt_ids"], answer["prompt_token_ids"]));
        }
    }
}
