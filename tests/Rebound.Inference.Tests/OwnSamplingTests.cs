using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Inference.Generation;

namespace Rebound.Inference.Tests;

public sealed class OwnSamplingTests
{
    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"temperature":null,"eos_token_id":2}""", "")]
    [InlineData("""{"do_sample":true,"temperature":0.6,"top_p":0.9}""", "temperature 0.6, top-p 0.9")]
    [InlineData("""{"do_sample":true,"temperature":1,"top_k":20,"min_p":0.05,"repetition_penalty":1.05}""",
        "temperature 1, top-k 20, min-p 0.05, repetition penalty 1.05")]
    [InlineData("""{"do_sample":false,"temperature":0.6}""", "temperature 0")]
    public void What_a_model_says_is_taken_and_no_more(string json, string expected)
    {
        var own = OwnSampling.Read(JsonNode.Parse(json)!.AsObject(), "model");
        Assert.Equal(expected, $"{own}");
        Assert.Equal(expected.Length == 0, own == OwnSampling.None);
        Assert.Equal(7ul, own.Over(new SamplingOptions { Seed = 7 }).Seed);
    }

    [Theory]
    [InlineData("""{"temperature":"hot"}""", "'temperature' is \"hot\"")]
    [InlineData("""{"top_p":1.5}""", "top-p is 1.5")]
    [InlineData("""{"temperature":-1}""", "temperature is -1")]
    public void A_value_that_is_none_is_named_with_its_file(string json, string problem)
    {
        var message = Assert.Throws<CheckpointException>(() => OwnSampling.Read(JsonNode.Parse(json)!.AsObject(), "model")).Message;
        Assert.Contains("generation_config.json", message);
        Assert.Contains(problem, message);
    }
}
