using Rebound.Testing;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

public sealed class TrajectoryFormatTests
{
    [Fact]
    public async Task OpenAI_messages_keep_tools_calls_replies_and_weights()
    {
        var trajectory = await TrajectoryRows.ReadRowAsync(
            """
            {"messages": [
              {"role": "developer", "content": "Be brief."},
              {"role": "user", "content": [{"type": "text", "text": "How warm "}, {"type": "text", "text": "is it?"}]},
              {"role": "assistant", "content": null, "weight": 0, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Ulm\"}"}}]},
              {"role": "tool", "tool_call_id": "c1", "content": "21 degrees"},
              {"role": "assistant", "content": "21 degrees.", "weight": 1}],
             "tools": [{"type": "function", "function": {"name": "weather"}}], "reward": 0.5}
            """);
        Assert.Equal("0", trajectory.Id);
        Assert.Equal(["system", "user", "assistant", "tool", "assistant"], trajectory.Turns.Select(turn => turn.Role));
        Assert.Equal(["Be brief.", "How warm is it?", "", "21 degrees", "21 degrees."], trajectory.Turns.Select(turn => turn.Content));
        Assert.Equal([false, false, false, false, true], trajectory.Turns.Select(turn => turn.Loss));
        Assert.Equal([new ToolCall("c1", "weather", """{"city": "Ulm"}""")], trajectory.Turns[2].ToolCalls);
        Assert.Equal("c1", trajectory.Turns[3].Members["tool_call_id"].GetString());
        Assert.Equal("weather", trajectory.Tools!.Value[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal((0.5, true), (trajectory.Outcome.Reward!.Value, trajectory.Outcome.Success!.Value));
    }

    [Fact]
    public async Task ShareGPT_calls_are_JSON_text_and_belong_to_the_text_before_them()
    {
        var trajectory = await TrajectoryRows.ReadRowAsync(
            """
            {"id": "w", "system": "Be brief.", "tools": "[{\"name\": \"weather\"}]", "conversations": [
              {"from": "human", "value": "How warm is it?"},
              {"from": "gpt", "value": "Let me see."},
              {"from": "function_call", "value": "{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}"},
              {"from": "observation", "value": "21 degrees"},
              {"from": "function_call", "value": "weather(Ulm"},
              {"from": "gpt", "value": "21 degrees.", "masked": true}], "label": "Failed"}
            """);
        Assert.Equal(["system", "user", "assistant", "tool", "assistant", "assistant"], trajectory.Turns.Select(turn => turn.Role));
        Assert.Equal("Let me see.", trajectory.Turns[2].Content);
        Assert.Equal([new ToolCall(null, "weather", """{"city": "Ulm"}""")], trajectory.Turns[2].ToolCalls);
        Assert.Equal(
            ("weather(Ulm", 0, true), (trajectory.Turns[4].Content, trajectory.Turns[4].ToolCalls.Count, trajectory.Turns[4].Loss));
        Assert.False(trajectory.Turns[5].Loss);
        Assert.False(trajectory.Outcome.Success);
        Assert.Equal("weather", trajectory.Tools!.Value[0].GetProperty("function").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("prompter", null)]
    [InlineData("human", "user")]
    [InlineData("User", "user")]
    [InlineData("bot", "assistant")]
    [InlineData("model", "assistant")]
    [InlineData("observation", "tool")]
    [InlineData("function", "tool")]
    [InlineData("ipython", "tool")]
    [InlineData("developer", "system")]
    public async Task Roles_have_synonyms(string name, string? role)
    {
        var row = $$"""{"conversations": [{"from": "{{name}}", "value": "x"}]}""";
        if (role is not null)
        {
            Assert.Equal(role, (await TrajectoryRows.ReadRowAsync(row)).Turns[0].Role);
        }
        else
        {
            Assert.Contains($"'{name}' is no known role", (await TrajectoryRows.RefusedAsync(row)).Message);
        }
    }

    [Theory]
    [InlineData("\"loss\": true", true)]
    [InlineData("\"loss\": 0", false)]
    [InlineData("\"train\": false", false)]
    [InlineData("\"weight\": 1.0", true)]
    [InlineData("\"weight\": 0", false)]
    [InlineData("\"loss_weight\": 0.0", false)]
    [InlineData("\"trainable\": false", false)]
    [InlineData("\"masked\": true", false)]
    [InlineData("\"masked\": 0", true)]
    [InlineData("\"loss\": null", true)]
    [InlineData("\"loss\": false, \"weight\": 0, \"masked\": true", false)]
    public async Task Flags_of_a_turn_are_synonyms(string flags, bool loss)
    {
        var row = $$"""{"messages": [{"role": "assistant", "content": "x", {{flags}}}]}""";
        var turn = (await TrajectoryRows.ReadRowAsync(row)).Turns[0];
        Assert.Equal(loss, turn.Loss);
        Assert.Empty(turn.Members);
    }

    [Theory]
    [InlineData("\"loss\": true, \"masked\": true", "masked", "not learned, and 'loss'")]
    [InlineData("\"weight\": 0, \"train\": true", "weight", "not learned, and 'train'")]
    [InlineData("\"weight\": 0.3", "weight", "0.3")]
    [InlineData("\"weight\": 2", "weight", "is 2")]
    [InlineData("\"trainable\": \"yes\"", "trainable", "a string")]
    public async Task Flags_that_contradict_each_other_or_say_neither_are_errors(string flags, string flag, string words)
    {
        var error = await TrajectoryRows.RefusedAsync(
            $$"""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x", {{flags}}}]}""");
        Assert.Equal($"messages[1].{flag}", error.Field);
        Assert.Contains(words, error.Message);
    }

    [Theory]
    [InlineData("""  "info": {"reward": true}""", 1.0)]
    [InlineData("""  "info": {"reward": 0.4, "gt": 1}""", 0.4)]
    [InlineData("""  "reward": 0""", 0.0)]
    [InlineData("""  "reward": -1""", -1.0)]
    [InlineData("""  "label": true""", 1.0)]
    [InlineData("""  "label": -1""", -1.0)]
    [InlineData("""  "label": "positive" """, 1.0)]
    [InlineData("""  "label": " Rejected" """, 0.0)]
    [InlineData("""  "label": "0.5" """, 0.5)]
    [InlineData("""  "label": "Paris", "info": {"reward": true}""", 1.0)]
    [InlineData("""  "label": "success", "reward": 0.7""", 0.7)]
    [InlineData("""  "note": "none of these" """, null)]
    public async Task Outcomes_are_found_wherever_they_stand(string members, double? reward)
    {
        var outcome = (await TrajectoryRows.ReadRowAsync($$"""{"messages": [], {{members}}}""")).Outcome;
        Assert.Equal(reward, outcome.Reward);
        Assert.Equal(reward is null ? "unscored" : reward > 0 ? "positive" : "negative", outcome.Name);
    }

    [Fact]
    public async Task F1_and_cause_are_read_in_info_and_in_the_row()
    {
        var outer = (await TrajectoryRows.ReadRowAsync("""{"messages": [], "f1": 0.25, "cause": "step limit"}""")).Outcome;
        var inner = (await TrajectoryRows.ReadRowAsync("""{"messages": [], "info": {"f1": 0.25, "cause": "step limit"}}""")).Outcome;
        Assert.Equal((0.25, "step limit"), (outer.F1, outer.Cause));
        Assert.Equal(outer, inner);
    }

    [Theory]
    [InlineData("""{"messages": [], "label": "Paris"}""", "label", "'Paris', which is no outcome")]
    [InlineData("""{"messages": [], "label": "good", "reward": 0}""", "label", "says success, and the reward failure")]
    [InlineData("""{"messages": [], "info": {"reward": 1}, "reward": 0}""", "reward", "info.reward is 1")]
    [InlineData("""{"messages": [], "info": {"cause": "refusal"}, "cause": "timeout"}""", "cause", "'info.cause' is 'refusal'")]
    [InlineData("""{"messages": [], "reward": 1e999}""", "reward", "number")]
    [InlineData("""{"messages": [], "f1": "high"}""", "f1", "a string")]
    [InlineData("""{"messages": {}}""", "messages", "list of turns")]
    [InlineData("""{"messages": [], "conversations": []}""", "messages", "name the format")]
    [InlineData("""{"text": "x"}""", "conversations", "and so is 'messages'")]
    [InlineData("""{"messages": [{"role": "assistant", "content": null}]}""", "messages[0].content", "null")]
    [InlineData("""{"messages": [{"role": "assistant"}]}""", "messages[0].content", "missing")]
    [InlineData("""{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}""",
        "messages[0].content[0].type", "'image_url'")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "", "tool_calls": {}}]}""", "messages[0].tool_calls", "a list")]
    [InlineData("""{"messages": [{"role": "assistant", "content": "", "tool_calls": [{"function": {}}]}]}""",
        "messages[0].tool_calls[0].function.name", "missing")]
    [InlineData("""{"messages": [], "tools": "[{"}""", "tools", "not valid JSON")]
    [InlineData("""{"messages": [], "tools": {}}""", "tools", "list of tools")]
    [InlineData("""{"messages": [], "system": 3}""", "system", "a string")]
    [InlineData("""{"conversations": [{"from": "human"}]}""", "conversations[0].value", "missing")]
    [InlineData("""{"conversations": [{"from": "human", "value": "a"}, {"role": "gpt", "content": "b"}]}""",
        "conversations[1].from", "missing")]
    [InlineData("""{"messages": [{"role": "user", "content": "\ud800"}]}""", "messages[0].content", "half of a surrogate pair")]
    [InlineData("""{"messages": [], "\ud800": 1}""", null, "half of a surrogate pair")]
    public async Task What_is_wrong_with_a_row_is_said_with_its_field(string row, string? field, string words)
    {
        var error = await TrajectoryRows.RefusedAsync(row);
        Assert.Equal(field, error.Field);
        Assert.Contains(words, error.Message);
    }

    [Fact]
    public async Task Formats_may_be_mixed_in_a_file_and_may_be_named()
    {
        using var file = new TemporaryFile(
            """
            [{"id": "a", "conversations": [{"role": "assistant", "content": "1"}]},
             {"conversations": [{"from": "gpt", "value": "2"}]},
             {"messages": [{"role": "assistant", "content": "3"}]}]
            """);
        var read = await TrajectoryRows.ReadAsync(file.Path);
        Assert.Equal([("a", "1"), ("1", "2"), ("2", "3")], read.Select(trajectory => (trajectory.Id, trajectory.Turns[0].Content)));

        const string Both = """{"messages": [{"role": "user", "content": "m"}], "conversations": [{"from": "human", "value": "c"}]}""";
        Assert.Equal("m", (await TrajectoryRows.ReadRowAsync(Both, TrajectoryFormat.OpenAi)).Turns[0].Content);
        Assert.Equal("c", (await TrajectoryRows.ReadRowAsync(Both, TrajectoryFormat.ShareGpt)).Turns[0].Content);
        Assert.Equal("messages", (await TrajectoryRows.RefusedAsync("""{"conversations": []}""", TrajectoryFormat.OpenAi)).Field);
    }
}
