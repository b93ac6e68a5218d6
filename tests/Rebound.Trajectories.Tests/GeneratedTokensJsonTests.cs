using System.Text.Json;
using Rebound.Files.Rows;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

public sealed class GeneratedTokensJsonTests
{
    [Fact]
    public void Tokens_are_written_short_and_read_back()
    {
        var turn = new Turn(Roles.Assistant, "a", Loss: true)
        {
            Generated = new GeneratedTokens("5f", [12, 7, 0, 3], [-0.123456f, -1e-9f, float.NaN, -12.5f]),
        };
        var row = new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(new Trajectory("1", [turn], new Outcome(null, null), null, 1));

        Assert.Equal(
            """{"tokenizer":"5f","token_ids":"12 7 0 3","logprobs":"-0.1235 0 nan -12.5"}""",
            row["conversations"]![0]!["generated"]!.ToJsonString());
        var read = TrajectoryFile.ReadRow(JsonSerializer.SerializeToElement(row), "rows", 1).Turns[0];
        Assert.Empty(read.Members);
        Assert.Equal([12, 7, 0, 3], read.Generated!.Ids);
        Assert.Equal([-0.1235f, 0, float.NaN, -12.5f], read.Generated.LogProbabilities);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("""{"by": "me"}""")]
    public void A_member_of_the_name_that_holds_no_ids_is_one_like_any_other(string json)
    {
        var turn = Read(json).Turns[0];

        Assert.Null(turn.Generated);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), turn.Members["generated"]));
    }

    [Theory]
    [InlineData("""{"token_ids": [1]}""", "'messages[0].generated.token_ids': must be a string, but is a list.")]
    [InlineData("""{"token_ids": "1 -2"}""", "'messages[0].generated.token_ids': has '-2'; a token id is a whole number from 0 on")]
    [InlineData("""{"token_ids": "1"}""", "'messages[0].generated.tokenizer': is missing")]
    [InlineData("""{"tokenizer": "x", "token_ids": "1", "logprobs": "0.5"}""", "has '0.5'; the logarithm of a probability")]
    [InlineData("""{"tokenizer": "x", "token_ids": "1 2", "logprobs": "-1"}""", "has 1 numbers for 2 token ids.")]
    public void Ids_that_cannot_be_read_make_a_bad_row(string json, string problem) =>
        Assert.Contains(problem, Assert.Throws<DataException>(() => Read(json)).Message);

    private static Trajectory Read(string generated) => TrajectoryFile.ReadRow(
        JsonElement.Parse($$"""{"messages": [{"role": "assistant", "content": "a", "generated": {{generated}}}]}"""), "rows", 1);
}
