using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Rebound.Files.Messages;
using Rebound.Testing;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

/// <summary>What is written in a format is read back the same, and what is not is counted.</summary>
public sealed class TrajectoryWriterTests
{
    private const int Generated = 400;
    private const ulong Seed = 4;

    /// <summary>Text in which formats could go astray: JSON, JSON that is a call, quotes, controls, other planes.</summary>
    private static readonly string[] Fragments =
        ["a", "", " ", "\n", "\"", "\\", "\u0001", "é", "🙂", "{", "}", "[]", "null", "{\"name\": \"f\", \"arguments\": {}}",
            "Action: finish[1]", "\u2028"];

    /// <summary>Deeper than .NET writes by itself.</summary>
    private static readonly string Deep = $"{{\"a\":{new string('[', Nesting.Deepest / 2)}{new string(']', Nesting.Deepest / 2)}}}";

    private static readonly string[] Arguments = ["{}", "{\"a\": 1}", "{ \"a\" :[1, 2.50]}", "{\"a\": ", "3", "\"x\"", " {}", "", "{}}",
        "{\"a\":\"é🙂\"}", "{\"a\":1,\"a\":2}", Deep];

    private static readonly (string Name, string Json)[] TurnMembers =
        [("name", "\"n\""), ("tool_call_id", "\"c1\""), ("reasoning_content", "\"hm\""), ("refusal", "null"),
            ("audio", "{\"id\": [1, 2e3]}")];

    private static readonly (string Name, string Json)[] RowMembers =
        [("note", "\"n\""), ("info", "{\"acc\": false, \"gt\": [1], \"pred\": null}"), ("n", "1.50"),
            ("nothing", "null"), ("label", "\"Paris\"")];

    public static TheoryData<TrajectoryFormat> Formats => [.. Enum.GetValues<TrajectoryFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_is_written_is_read_back(TrajectoryFormat format) => Prop
        .ForAll(Arb.From(Trajectories), trajectory =>
        {
            var writer = new TrajectoryWriter(format);
            var row = writer.Write(trajectory);
            var read = Read(row);
            Assert.Equal(trajectory.Id, read.Id);
            Assert.Equal(trajectory.Source, read.Source);
            Assert.Equal(
                (trajectory.Outcome.Reward, trajectory.Outcome.F1, trajectory.Outcome.Cause),
                (read.Outcome.Reward, read.Outcome.F1, read.Outcome.Cause));
            Assert.True(Same(trajectory.Outcome.GroundTruth, read.Outcome.GroundTruth));
            Assert.True(Same(trajectory.Tools, read.Tools));
            Assert.All(
                trajectory.Members.Where(member => member.Key is not ("info" or "label")),
                member => Assert.True(JsonElement.DeepEquals(member.Value, read.Members[member.Key]), member.Key));
            if (writer.Lost.Count == 0)
            {
                Assert.Equal(trajectory.Turns, read.Turns);
                Assert.Equal(trajectory.Turns.Select(Tokens), read.Turns.Select(Tokens));
                Assert.True(JsonNode.DeepEquals(row, new TrajectoryWriter(format).Write(read)), "writing again gives the same row");
            }
            else
            {
                Assert.Equal(TrajectoryFormat.ShareGpt, format);
                Assert.Equal(trajectory.Turns.Count - writer.Lost.Values.Sum(), read.Turns.Count);
            }
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(Generated).WithReplay(Seed, Seed | 1));

    [Fact]
    public async Task Real_trajectories_come_back_through_all_formats()
    {
        var path = SharedData.Path("data/strategyqa/negative.json");
        await foreach (var trajectory in TrajectoryFile.ReadAsync(path, cancellation: TestContext.Current.CancellationToken))
        {
            var read = trajectory;
            foreach (var format in new[] { TrajectoryFormat.OpenAi, TrajectoryFormat.ShareGpt, TrajectoryFormat.NatInstruct })
            {
                var writer = new TrajectoryWriter(format);
                read = Read(writer.Write(read));
                Assert.Empty(writer.Lost);
                Assert.Equal(trajectory.Turns, read.Turns);
            }

            Assert.Equal((trajectory.Id, trajectory.Source, trajectory.Outcome.Name), (read.Id, read.Source, read.Outcome.Name));
            Assert.True(JsonElement.DeepEquals(trajectory.Members["info"], read.Members["info"]));
        }
    }

    [Fact]
    public async Task An_outcome_that_was_changed_is_the_one_that_is_written()
    {
        var read = await TrajectoryRows.ReadRowAsync(
            """{"id": 7, "conversations": [], "label": "good", "info": {"acc": 1, "pred": "x"}, "source": 0.5}""");
        var written = new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(
            read with { Outcome = read.Outcome with { Reward = 0, Cause = "wrong answer", Prediction = null } });
        Assert.Equal(
            """{"id":7,"conversations":[],"source":0.5,"info":{"acc":1,"reward":false,"cause":"wrong answer"}}""", written.ToJsonString());
    }

    [Fact]
    public async Task Members_that_a_format_would_take_for_its_own_are_counted_as_lost()
    {
        var read = await TrajectoryRows.ReadRowAsync(
            """{"messages": [{"role": "user", "content": "q", "from": "x"}], "conversations": 3}""", TrajectoryFormat.OpenAi);
        var writer = new TrajectoryWriter(TrajectoryFormat.ShareGpt);
        Assert.Equal("""{"conversations":[{"from":"human","value":"q"}]}""", writer.Write(read).ToJsonString());
        Assert.Equal(2, writer.Lost.Values.Sum());
        Assert.All(writer.Lost.Keys, what => Assert.Matches("'from'|'conversations'", what));
    }

    [Fact]
    public async Task An_id_is_made_of_the_question_only_where_one_is_needed()
    {
        var first = await TrajectoryRows.ReadRowAsync(
            """{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}""");
        var again = await TrajectoryRows.ReadRowAsync(
            """{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}]}""");
        var other = await TrajectoryRows.ReadRowAsync(
            """{"messages": [{"role": "user", "content": "r"}, {"role": "assistant", "content": "a"}]}""");
        var ids = new[] { first, again, other }.Select(trajectory =>
            (string)new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(trajectory)["id"]!).ToArray();
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
        Assert.All(
            new[] { TrajectoryFormat.OpenAi, TrajectoryFormat.ShareGpt },
            format => Assert.Null(new TrajectoryWriter(format).Write(first)["id"]));
    }

    [Fact]
    public async Task A_turn_is_written_as_others_expect_it()
    {
        var read = await TrajectoryRows.ReadRowAsync(
            """{"id": "a", "conversations": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "t", "loss": false,"""
                + """ "tool_calls": [{"name": "f", "arguments": {"a": 1}}]}, {"role": "tool", "content": "o"}]}""");
        Assert.Equal(
            """{"id":"a","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"t","tool_calls":["""
                + """{"type":"function","function":{"name":"f","arguments":"{\u0022a\u0022: 1}"}}],"weight":0},"""
                + """{"role":"tool","content":"o"}]}""",
            new TrajectoryWriter(TrajectoryFormat.OpenAi).Write(read).ToJsonString());
        Assert.Equal(
            """{"id":"a","conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"t","loss":false},"""
                + """{"from":"function_call","value":"{\u0022name\u0022:\u0022f\u0022,\u0022arguments\u0022:{\u0022a\u0022:"""
                + """ 1}}","loss":false},{"from":"observation","value":"o"}]}""",
            new TrajectoryWriter(TrajectoryFormat.ShareGpt).Write(read).ToJsonString());
    }

    private static Trajectory Read(JsonObject row) => TrajectoryFile.ReadRow(JsonSerializer.SerializeToElement(row), "rows", 1);

    private static string? Tokens(Turn turn) => turn.Generated is { } tokens
        ? $"{tokens.Tokenizer}: {string.Join(' ', tokens.Ids)}, {string.Join(' ', tokens.LogProbabilities)}"
        : null;

    private static bool Same(JsonElement? a, JsonElement? b) => a is { } one && b is { } other
        ? JsonElement.DeepEquals(one, other)
        : a is null && b is null;

    private static Gen<string> Text => Gen.ArrayOf(Gen.Elements(Fragments)).Select(string.Concat);

    private static Gen<IReadOnlyDictionary<string, JsonElement>> MembersOf((string Name, string Json)[] known) =>
        from taken in Gen.SubListOf(known)
        select (IReadOnlyDictionary<string, JsonElement>)new OrderedDictionary<string, JsonElement>(
            taken.Select(member => KeyValuePair.Create(member.Name, JsonElement.Parse(member.Json))));

    private static Gen<ToolCall> Calls =>
        from id in Gen.Elements(null, "c1", "")
        from name in Gen.Elements("f", "search")
        from arguments in Gen.Elements(Arguments)
        select new ToolCall(id, name, arguments);

    private static Gen<Turn> Turns =>
        from role in Gen.Elements(Roles.System, Roles.User, Roles.Assistant, Roles.Assistant, Roles.Tool)
        from content in Text
        from loss in Gen.Elements(true, false)
        from calls in Gen.ArrayOf(Calls).Resize(2)
        from members in Gen.Frequency(
            (3, Gen.Constant<IReadOnlyDictionary<string, JsonElement>>(new OrderedDictionary<string, JsonElement>())),
            (1, MembersOf(TurnMembers)))
        from generated in Gen.Elements(
            null, null, new GeneratedTokens("5f", [7, 0, 151_000], [-1.25f, 0, float.NaN]), new GeneratedTokens("5f", [3], [float.NaN]))
        select new Turn(role, content, loss)
        {
            ToolCalls = role == Roles.Assistant ? calls : [],
            Members = members,
            Generated = role == Roles.Assistant ? generated : null,
        };

    private static Gen<Outcome> Outcomes =>
        from reward in Gen.Elements<double?>(null, 0, 1, 0.25, -1)
        from f1 in Gen.Elements<double?>(null, 0, 0.5)
        from cause in Gen.Elements(null, "step limit")
        from truth in Gen.Elements<string?>(null, "true", "[1]", "\"é\"")
        select new Outcome(reward, f1, truth is null ? null : JsonElement.Parse(truth), null, cause);

    private static Gen<Trajectory> Trajectories =>
        from id in Gen.Elements("7", "a", "", "é\"")
        from turns in Gen.ArrayOf(Turns).Resize(6)
        from outcome in Outcomes
        from source in Gen.Elements(null, "0.5")
        from tools in Gen.Elements(null, """[{"type":"function","function":{"name":"f"}}]""")
        from members in MembersOf(RowMembers)
        select new Trajectory(id, turns, outcome, source, 1)
        {
            Tools = tools is null ? null : JsonElement.Parse(tools),
            Members = members,
        };
}
