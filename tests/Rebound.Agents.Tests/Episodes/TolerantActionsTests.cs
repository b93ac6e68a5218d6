using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rebound.Agents.Episodes;
using Rebound.Testing;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Tests.Episodes;

public sealed class TolerantActionsTests
{
    private static readonly string[] Tools = ["calculate", "search", "finish"];

    [Theory]
    [InlineData("Thought: a\nAction: calculate[1+2]", "calculate", "1+2")]
    [InlineData("Thought: a\nAction: calculate[1+2]\nObservation: 3\nAction: finish[3]", "calculate", "1+2")]
    [InlineData("Thought: a\naction: Finish[42]", "finish", "42")]
    [InlineData("Thought: a\n**Action:** `finish[42]`", "finish", "42")]
    [InlineData("Thought: a\n**Action**: finish[42]", "finish", "42")]
    [InlineData("Thought: a\nAction 1: search[Hague]", "search", "Hague")]
    [InlineData("Thought: a\nAction:\n```\nsearch[Hague]\n```", "search", "Hague")]
    [InlineData("Thought: a\n```\nAction: search[Hague]\n```", "search", "Hague")]
    [InlineData("Thought: a Action: finish[b]", null, null)]
    [InlineData("Thought: done. Action: finish[b]", "finish", "b")]
    [InlineData("Thought: x\nAction: search[foo [bar] baz]", "search", "foo [bar] baz")]
    [InlineData("Thought: x\nAction: finish[the answer is 5\n", "finish", "the answer is 5")]
    [InlineData("Action: calculate 3*4", "calculate", "3*4")]
    [InlineData("Action: calculate(3*(4+1))", "calculate", "3*(4+1)")]
    [InlineData("Action: finish: yes it is so indeed", "finish", "yes it is so indeed")]
    [InlineData("Action: It seems that the results are not relevant.\n\nAction: search[Rubio]", "search", "Rubio")]
    [InlineData("Thought: a\nAction: multiply them\nAction: calculate[2+3]", "calculate", "2+3")]
    [InlineData("Action: None", null, null)]
    [InlineData("Action: lookup[Rubio]", "lookup", "Rubio")]
    [InlineData("Action: calculate(3*(4+1)) * 2", "calculate", "3*(4+1)")]
    [InlineData("Action: calculate (3*4) gives", "calculate", "3*4")]
    [InlineData("Action: calculate (3 + 4) * 2\nso", "calculate", "(3 + 4) * 2")]
    [InlineData("Action: calculate\nAction Input: 2+3\nObservation: 5", "calculate", "2+3")]
    [InlineData("Action: calculate\n**Action Input:** `2+3`", "calculate", "2+3")]
    [InlineData("Action: finish", "finish", "")]
    [InlineData("Action: search[{\"q\": \"a]\\\"]b\"}] and", "search", "{\"q\": \"a]\\\"]b\"}")]
    [InlineData("Action: search[{\"q\": \"a]b", "search", "{\"q\": \"a]b")]
    [InlineData("<think>Action: finish[1]", null, null)]
    [InlineData("<think>a</think>Action: finish[1]", "finish", "1")]
    [InlineData("<think>\nfinish[1]\n</think>\nfinish[2]", "finish", "2")]
    [InlineData("I will look it up.\nsearch[Rubio]", "search", "Rubio")]
    [InlineData("I will look it up.\nlookup[Rubio]", null, null)]
    [InlineData("no action at all", null, null)]
    [InlineData("", null, null)]
    public void What_is_meant_is_read(string text, string? tool, string? argument)
    {
        var turn = TolerantActions.Parse(text, Tools);

        Assert.Equal((tool, argument), (turn.Tool, turn.Argument));
        Assert.Equal(tool is not null, turn.IsWellFormed);
    }

    [Fact]
    public void Recorded_turns_are_read_as_they_are_meant()
    {
        string[] tools = ["calculate", "echo", "get-sum", "getSum", "web.search", "finish"];
        var rows = File.ReadAllLines(SharedData.Path("cases/agents/parsing/turns.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal(
            (((string)row["tool"]!).Split(' ')[0], (string?)row["argument"]),
            TolerantActions.Parse((string)row["turn"]!, tools) is var turn ? (turn.Tool, turn.Argument) : default));
    }

    [Fact]
    public void A_name_in_another_case_is_that_of_the_tool() =>
        Assert.Equal("getSum", TolerantActions.Parse("Action: GETSUM[1]", ["get-sum", "getSum"]).Tool);

    [Fact]
    public void What_a_model_goes_on_to_write_is_no_part_of_its_turn()
    {
        const string Text = "Thought: a\nAction: calculate[1+2]\nObservation: 4\nThought: b\nAction: finish[4]";

        Assert.Equal("Thought: a\nAction: calculate[1+2]", TolerantActions.UpToAction(Text, TolerantActions.Parse(Text, Tools)));
        Assert.Equal("Thought: a", TolerantActions.Parse(Text, Tools).Thought);
    }

    [Fact]
    public void Any_text_is_read_in_time()
    {
        var random = new Random(7);
        string[] pieces = ["Action:", "action", "Thought:", "\n", " ", "[", "]", "(", ")", "`", "*", "finish",
            "search", ":", "1", "é", "😀"];
        for (var i = 0; i < 5_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => pieces[random.Next(pieces.Length)]));
            var turn = TolerantActions.Parse(text, Tools);
            Assert.Equal(turn.Tool is null, turn.Argument is null);
            Assert.NotNull(ReferenceActions.Parse(text));
        }
    }

    [Theory]
    [InlineData("Thought: a\nAction: calculate[1+2]", 33)]
    [InlineData("Thought: a\nAction: calculate[1+2", null)]
    [InlineData("Action: search: who was it\n", 26)]
    [InlineData("Action: search: who was it", null)]
    [InlineData("calculate[1]\n", null)]
    public void A_turn_ends_for_certain_with_its_first_labelled_action(string text, int? end) =>
        Assert.Equal(end, TolerantActions.CertainEnd(text, Tools));

    [Fact]
    public void A_turn_that_ends_for_certain_ends_there_whatever_follows()
    {
        var random = new Random(3);
        string[] pieces = ["Action:", "Action: ", "action 2", "Thought:", "\n", " ", "[", "]", "(", ")", "`", "**", "finish", "search",
            "lookup", ":", "1", "a b c d ", ". ", "<think>", "</think>", "Action Input:", "{\"a\": \"", "\"}", "```json\n", "*2"];
        for (var i = 0; i < 3_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(16)).Select(_ => pieces[random.Next(pieces.Length)]));
            var whole = TolerantActions.Parse(text, Tools);
            foreach (var length in Enumerable.Range(0, text.Length + 1))
            {
                if (TolerantActions.CertainEnd(text[..length], Tools) is { } end)
                {
                    Assert.Equal((text, whole.End, whole), (text, end, TolerantActions.Parse(text[..end], Tools)));
                }
            }
        }
    }

    [Fact]
    public void A_turn_that_repeats_its_label_is_read_in_proportion_to_its_length()
    {
        var labels = string.Concat(Enumerable.Repeat("Action: \n", 50_000));
        var start = System.Diagnostics.Stopwatch.GetTimestamp();

        Assert.Null(TolerantActions.CertainEnd(labels, Tools));
        Assert.Equal("2", TolerantActions.Parse($"{labels}Action: I take calculate[2]", Tools).Argument);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Labels_are_those_of_an_expression_that_says_what_they_are()
    {
        var label = new Regex(
            @"(?:^|(?<=[\n\r`*#>])|(?<=[.!?] ))[ \t>#*_`-]*action[ \t]*\d*[*_]*[ \t]*[:：][*_]*[ \t]*",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromMinutes(1));
        var random = new Random(11);
        string[] pieces = ["action", "Action:", "ACTION", "action: ", "a", "\n", "\r", " ", "\t", "`", "*", "_", "#", ">", "-", ".", "! ", "? ", "3", "٣", ":", "："];
        var found = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(14)).Select(_ => pieces[random.Next(pieces.Length)])) + "finish[1]";
            if (label.Match(text) is { Success: true } first && first.Index + first.Length == text.Length - "finish[1]".Length)
            {
                found++;
                var turn = TolerantActions.Parse(text, Tools);
                Assert.Equal((text, text[..first.Index].TrimEnd('`', ' ', '\n', '\r', '\t', '*'), "1"), (text, turn.Thought, turn.Argument));
            }
        }

        Assert.True(found > 500, $"{found} labels.");
    }

    [Fact]
    public void A_text_of_decoration_is_read_in_proportion_to_its_length()
    {
        foreach (var piece in (string[])["*", "> ", "action ", "a.", "finish ", "<think>", "```\n", "finish(", "Action Input"])
        {
            Assert.Null(TolerantActions.CertainEnd(string.Concat(Enumerable.Repeat(piece, 200_000)), Tools));
        }
    }

    [Fact]
    public void An_action_that_the_thought_names_too_is_kept_with_its_label()
    {
        const string Text = "Thought: calculate[2+2] helps\nAction: calculate[2+2]\nmore";

        Assert.Equal(
            "Thought: calculate[2+2] helps\nAction: calculate[2+2]", TolerantActions.UpToAction(Text, TolerantActions.Parse(Text, Tools)));
    }
}
