using System.Text.Json.Nodes;
using Rebound.Files.Rows;
using Rebound.Trajectories.Conditions;

namespace Rebound.Trajectories.Tests;

public sealed class AgentCardTests
{
    [Fact]
    public void A_card_reads_back_with_the_prompt_to_ask_by()
    {
        var card = Card(BuiltInPrompts.Get("math"));
        var again = AgentCard.Parse(JsonNode.Parse(card.ToJson().ToJsonString())!);
        Assert.Equal(("base", "nat", "llama-2", "</s>", 7), (again.BaseModel, again.Method, again.Renderer, again.StopToken, again.Steps));
        Assert.Equal(card.Prompt!.Ask("1+1?", "positive"), again.Prompt!.Ask("1+1?", again.Prompt.Positive));
        Assert.Equal(card.Prompt.Ask("1+1?", "none"), again.Prompt.Ask("1+1?", "none"));
    }

    [Fact]
    public void Without_a_prompt_it_has_none() => Assert.Null(AgentCard.Parse(Card(null).ToJson()).Prompt);

    [Fact]
    public void A_prompt_that_is_none_is_named()
    {
        var json = Card(BuiltInPrompts.Get("math")).ToJson();
        json["prompt"]!["conditons"] = new JsonObject();
        Assert.Contains("'conditons': is no known key", Assert.Throws<DataException>(() => AgentCard.Parse(json)).Message);
    }

    [Theory]
    [InlineData("\"steps\": 7", "\"steps\": \"seven\"", "'steps' is not a whole number")]
    [InlineData("\"steps\": 7", "\"steps\": null", "'steps' is not a whole number")]
    [InlineData("\"renderer\": \"llama-2\"", "\"renderer\": null", "'renderer' is null")]
    [InlineData("\"renderer\": \"llama-2\",", "", "it lacks 'renderer'")]
    [InlineData("\"renderer\": \"llama-2\"", "\"renderer\": \"llama-3\"",
        "rebound.json: is no agent card, 'renderer' is 'llama-3', and must be chat-template or llama-2.")]
    [InlineData("\"trained_on\": []", "\"trained_on\": null", "'trained_on' is null")]
    [InlineData("\"trained_on\": []", "\"trained_on\": [null]", "'trained_on' holds null")]
    [InlineData("\"steps\": 7", "\"steps\": 7, \"prompt\": 3", "rebound.json: 'prompt': must be an object of keys and values.")]
    public void A_field_of_another_type_is_named_in_a_persons_words(string text, string instead, string problem)
    {
        var folder = Directory.CreateTempSubdirectory("rebound-card-").FullName;
        var json = Card(null).ToJson().ToJsonString(new() { WriteIndented = true });
        Assert.Contains(text, json);
        File.WriteAllText(Path.Combine(folder, AgentCard.FileName), json.Replace(text, instead, StringComparison.Ordinal));
        try
        {
            var message = Assert.Throws<DataException>(() => AgentCard.Find(folder)).Message;
            Assert.Contains(problem, message);
            Assert.DoesNotContain("System.", message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("", "line 1: there is nothing.")]
    [InlineData("null", "a JSON object is needed.")]
    [InlineData("[1]", "a JSON object is needed.")]
    public void What_is_no_object_is_no_card(string text, string problem)
    {
        var folder = Directory.CreateTempSubdirectory("rebound-card-").FullName;
        File.WriteAllText(Path.Combine(folder, AgentCard.FileName), text);
        try
        {
            Assert.EndsWith($"is no agent card, {problem}", Assert.Throws<DataException>(() => AgentCard.Find(folder)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("../task.yml", true)]
    [InlineData("gsm8k", false)]
    [InlineData("elsewhere/task.yml", false)]
    public void A_tasks_file_is_found_from_the_cards_own_folder_wherever_that_is_moved(string task, bool isFound)
    {
        var root = Directory.CreateTempSubdirectory("rebound-card-").FullName;
        var model = Directory.CreateDirectory(Path.Combine(root, "model")).FullName;
        File.WriteAllText(Path.Combine(root, "task.yml"), "name: exam\n");
        File.WriteAllText(Path.Combine(model, AgentCard.FileName), (Card(null) with { Task = task }).ToJson().ToJsonString());
        File.WriteAllText(Path.Combine(model, "gsm8k"), "no task");
        var moved = root + "-moved";
        Directory.Move(root, moved);
        try
        {
            Assert.Equal(isFound ? Path.Combine(moved, "task.yml") : task, AgentCard.Find(Path.Combine(moved, "model"))!.Task);
        }
        finally
        {
            Directory.Delete(moved, recursive: true);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [InlineData(null)]
    public void It_keeps_whether_the_model_was_told_to_reason(bool? reasoning) =>
        Assert.Equal(
            reasoning, AgentCard.Parse(JsonNode.Parse((Card(null) with { Reasoning = reasoning }).ToJson().ToJsonString())!).Reasoning);

    private static AgentCard Card(PromptTemplate? prompt) =>
        new()
        {
            BaseModel = "base",
            Method = "nat",
            Prompt = prompt,
            Renderer = "llama-2",
            StopToken = "</s>",
            TrainedOn = [],
            Steps = 7,
            Epochs = 1.5,
        };
}
