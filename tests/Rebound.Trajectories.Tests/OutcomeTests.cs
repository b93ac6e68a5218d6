using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Tests;

/// <summary>Outcomes under the names that logs have for them.</summary>
public sealed class OutcomeTests
{
    [Theory]
    [InlineData("""{"success": true}""", 1.0)]
    [InlineData("""{"success": false}""", 0.0)]
    [InlineData("""{"success": 1}""", 1.0)]
    [InlineData("""{"success": 0.25}""", 0.25)]
    [InlineData("""{"success": "False"}""", 0.0)]
    [InlineData("""{"success": null}""", null)]
    [InlineData("""{"kto_tag": true}""", 1.0)]
    [InlineData("""{"kto_tag": "false"}""", 0.0)]
    [InlineData("""{"score": 0.7}""", 0.7)]
    [InlineData("""{"score": 0}""", 0.0)]
    [InlineData("""{"score": -1}""", -1.0)]
    [InlineData("""{"score": "1.0"}""", 1.0)]
    [InlineData("""{"outcome": "success"}""", 1.0)]
    [InlineData("""{"outcome": " Failed "}""", 0.0)]
    [InlineData("""{"outcome": {"success": false}}""", 0.0)]
    [InlineData("""{"info": {"success": true}}""", 1.0)]
    [InlineData("""{"info": {"score": 0}}""", 0.0)]
    [InlineData("""{"metadata": {"isCorrect": false}}""", 0.0)]
    [InlineData("""{"evaluation": {"passed": true}}""", 1.0)]
    [InlineData("""{"scores": [{"name": "latency", "value": 3.5}, {"name": "success", "value": 0}]}""", 0.0)]
    [InlineData("""{"resolved": true, "score": -0.35}""", 1.0)]
    [InlineData("""{"reward": 0.5, "score": -3, "success": true}""", 0.5)]
    [InlineData("""{"label": "Paris", "success": false}""", 0.0)]
    [InlineData("""{"passed": 3, "failed": 2}""", null)]
    [InlineData("""{"correct": "B"}""", null)]
    [InlineData("""{"outcome": "The flight is booked."}""", null)]
    [InlineData("""{"score": {"rouge": 0.2}}""", null)]
    public async Task Are_read_as_a_reward_is(string members, double? reward)
    {
        var trajectory = await TrajectoryRows.ReadRowAsync(Row(members));
        Assert.Equal(reward, trajectory.Outcome.Reward);

        // What is written tells the same, and another outcome takes its place.
        foreach (var other in new[] { trajectory.Outcome, new Outcome(reward > 0 ? 0 : 1, null) })
        {
            var written = new TrajectoryWriter(TrajectoryFormat.OpenAi).Write(trajectory with { Outcome = other });
            Assert.Equal(other.Reward, (await TrajectoryRows.ReadRowAsync(written.ToJsonString())).Outcome.Reward);
        }
    }

    [Theory]
    [InlineData("""{"success": true, "info": {"success": false}}""", "info.success", "says failure, and 'success' success")]
    [InlineData("""{"reward": 0, "success": true}""", "success", "says success, and the reward or label failure")]
    [InlineData("""{"label": true, "kto_tag": false}""", "kto_tag", "says failure")]
    [InlineData("""{"score": 1, "info": {"score": 0}}""", "info.score", "says failure, and 'score' success")]
    public async Task That_contradict_each_other_are_an_error(string members, string field, string words)
    {
        var error = await TrajectoryRows.RefusedAsync(Row(members));
        Assert.Equal(field, error.Field);
        Assert.Contains(words, error.Message);
    }

    [Theory]
    [InlineData("""{"verdict": "meets expectations"}""", """{"verdict": "does not"}""", """'verdict' ("meets expectations", "does not")""")]
    [InlineData("""{"judge": {"finalGrade": 4}}""", """{"judge": {"finalGrade": 1}}""", "'judge.finalGrade' (4, 1)")]
    [InlineData("""{"did_it": true}""", """{"did_it": false}""", "'did_it' (true, false)")]
    [InlineData("""{"did_it": true, "window": 3, "source": "good"}""", """{"did_it": true, "window": 4}""", null)]
    [InlineData("""{"model": "x", "duration_ms": 12.5, "cached": false}""", """{"model": "y"}""", null)]
    public async Task Columns_that_look_like_outcomes_are_found(string first, string second, string? found)
    {
        var columns = new OutcomeColumns();
        columns.Add(await TrajectoryRows.ReadRowAsync(Row(first)));
        columns.Add(await TrajectoryRows.ReadRowAsync(Row(second)));
        Assert.Equal(found is null ? [] : [found], columns.Found);
    }

    private static string Row(string members)
    {
        var row = JsonNode.Parse(members)!.AsObject();
        row["messages"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = "q" }, new JsonObject { ["role"] = "assistant", ["content"] = "a" });
        return JsonSerializer.Serialize(row);
    }
}
