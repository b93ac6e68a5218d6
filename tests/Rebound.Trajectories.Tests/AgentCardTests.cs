using System.Text.Json.Nodes;
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

    private static AgentCard Card(PromptTemplate? prompt) =>
        new() { BaseModel = "base", Method = "nat", Prompt = prompt, Renderer = "llama-2", StopToken = "</s>", TrainedOn = [], Steps = 7, Epochs = 1.5 };
}
