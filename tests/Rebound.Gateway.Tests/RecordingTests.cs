using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Gateway.Tests;

public sealed class RecordingTests
{
    private static readonly JsonObject Tools = new()
    {
        ["tools"] = JsonNode.Parse("""
            [{"type": "function", "function": {"name": "weather", "description": "Tells it", "parameters": {"type": "object"}}}]
            """),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conversation_with_tools_that_grows_is_one_trajectory(bool streamed)
    {
        JsonObject[] answers =
        [
            Talk.Calls(("call_a", "weather", "{\"city\": \"Rome\", \"days\": 1}"), ("call_b", "weather", "{\"city\":\"Oslo\"}")),
            Talk.Assistant("Rome is warmer."),
            Talk.Assistant("You are welcome."),
        ];
        await using var running = await RunningGateway.StartAsync((number, context) => streamed
            ? Talk.StreamAsync(context, Pieces($"answer-{number}", answers[number]))
            : Talk.AnswerAsync(context, $"answer-{number}", answers[number]));
        var more = (JsonObject)Tools.DeepClone();
        more["stream"] = streamed;

        var first = await running.AskAsync(Talk.Of(Talk.System("Help."), Talk.User("Rome or Oslo?")), more);
        // Clients write arguments anew, and leave nulls out or in.
        var repeated = Talk.Calls(("call_a", "weather", "{\"days\":1,\"city\":\"Rome\"}"), ("call_b", "weather", "{ \"city\": \"Oslo\" }"));
        repeated["content"] = "";
        var so = Talk.Of(
            Talk.System("Help."), Talk.User("Rome or Oslo?"), repeated, Talk.Tool("call_a", "21"), Talk.Tool("call_b", "4"));
        var second = await running.AskAsync(so, more);
        so.Add(new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "Rome is warmer. " }) });
        so.Add(Talk.User("Thanks!"));
        var third = await running.AskAsync(so, more);

        var (counts, rows) = await running.StopAsync();
        var trajectory = Assert.Single(rows).Trajectory;
        Assert.Equal(
            [
                "system: Help.", "user: Rome or Oslo?",
                "assistant: [call_a weather {\"city\": \"Rome\", \"days\": 1}][call_b weather {\"city\":\"Oslo\"}]",
                "tool: 21", "tool: 4", "assistant: Rome is warmer.", "user: Thanks!", "assistant: You are welcome.",
            ],
            Talk.Turns(trajectory));
        Assert.Equal("weather", trajectory.Tools!.Value[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("answer-2", trajectory.Members["response_id"].GetString());
        Assert.Equal("upstream-model", trajectory.Members["model"].GetString());
        Assert.Equal(3, counts.Answers);
        Assert.Empty(counts.Failed);
        Assert.Empty(counts.NotRecorded);
        Assert.Equal((first.Conversation, first.Conversation), (second.Conversation, third.Conversation));
        Assert.Equal(first.Conversation, trajectory.Members["conversation_id"].GetString());
        Assert.Equal($"{first.Conversation}: upstream-model, \"Rome or Oslo?\"", Assert.Single(running.Notes));
    }

    [Fact]
    public async Task Where_conversations_part_they_are_several()
    {
        await using var running = await RunningGateway.StartAsync(async (number, context) =>
        {
            var said = (await ChatServer.ReadAsync(context))["messages"]!.AsArray();
            await Talk.AnswerAsync(context, $"answer-{number}", Talk.Assistant($"To {(string?)said[^1]!["content"]}"));
        });
        var beginning = Talk.Of(Talk.User("one"), Talk.Assistant("To one"));
        await running.AskAsync(Talk.Of(Talk.User("one")));
        var left = await running.AskAsync([.. beginning.DeepClone().AsArray().Select(message => message!.DeepClone()), Talk.User("left")]);
        var right = await running.AskAsync([.. beginning.DeepClone().AsArray().Select(message => message!.DeepClone()), Talk.User("right")]);

        var (counts, rows) = await running.StopAsync();

        Assert.Equal(3, counts.Answers);
        Assert.Equal(
            [["user: one", "assistant: To one", "user: left", "assistant: To left"],
                ["user: one", "assistant: To one", "user: right", "assistant: To right"]],
            rows.Select(row => Talk.Turns(row.Trajectory)));
        Assert.NotEqual(left.Conversation, right.Conversation);
    }

    private static string Clock(int minute) => $"You help with the weather, in one sentence. It is 10:{minute}.";

    [Fact]
    public async Task A_system_prompt_that_changes_does_not_part_a_conversation()
    {
        await using var running = await RunningGateway.StartAsync((number, context) => Talk.AnswerAsync(
            context, $"answer-{number}", number == 0 ? Talk.Calls(("call_a", "weather", "{}")) : Talk.Assistant($"answer {number}")));
        var said = Talk.Of(Talk.User("one"));
        JsonArray Under(int minute) => [Talk.System(Clock(minute)), .. said.Select(message => message!.DeepClone())];

        var first = await running.AskAsync(Under(1), Tools);
        said.Add((JsonNode)Talk.Calls(("call_a", "weather", "{}")));
        said.Add((JsonNode)Talk.Tool("call_a", "sun"));
        var second = await running.AskAsync(Under(2), Tools);
        await running.RestartAsync();
        said.Add((JsonNode)Talk.Assistant("answer 1"));
        said.Add((JsonNode)Talk.User("two"));
        var third = await running.AskAsync(Under(3), Tools);
        said.Add((JsonNode)Talk.Assistant("answer 2"));
        said.Add((JsonNode)Talk.User("three"));
        var fourth = await running.AskAsync(Under(3), Tools);
        using var told = await running.PostAsync("v1/feedback", new JsonObject { ["response_id"] = "answer-0", ["success"] = true });
        await running.RestartAsync();

        Assert.All([second, third, fourth], later => Assert.Equal(first.Conversation, later.Conversation));
        var (_, rows) = await running.StopAsync();
        var trajectory = Assert.Single(rows).Trajectory;
        Assert.Equal(
            [$"system: {Clock(3)}", "user: one", "assistant: [call_a weather {}]", "tool: sun", "assistant: answer 1", "user: two",
                "assistant: answer 2", "user: three", "assistant: answer 3"],
            Talk.Turns(trajectory));
        Assert.Equal((1, "answer-3"), (trajectory.Outcome.Reward, trajectory.Members["response_id"].GetString()));
    }

    [Fact]
    public async Task Under_system_prompts_that_change_branches_stay_apart()
    {
        await using var running = await RunningGateway.StartAsync(
            (number, context) => Talk.AnswerAsync(context, $"answer-{number}", Talk.Assistant(number == 0 ? "root" : $"leaf {number}")));
        JsonArray Under(int minute, string last) =>
            Talk.Of(Talk.System(Clock(minute)), Talk.User("one"), Talk.Assistant("root"), Talk.User(last));

        await running.AskAsync(Talk.Of(Talk.System(Clock(1)), Talk.User("one")));
        var left = await running.AskAsync(Under(2, "left"));
        var right = await running.AskAsync(Under(3, "right"));
        var exact = await running.AskAsync(Under(1, "exact"));
        var edited = await running.AskAsync(
            Talk.Of(Talk.System(Clock(4)), Talk.User("one"), Talk.Assistant("root"), Talk.User("left"), Talk.Assistant("leaf"), Talk.User("on")));

        Assert.Equal(4, new[] { left, right, exact, edited }.Select(answer => answer.Conversation).Distinct().Count());
        var (_, rows) = await running.StopAsync();
        Assert.Equal(
            [$"{Clock(2)} left leaf 1", $"{Clock(3)} right leaf 2", $"{Clock(1)} exact leaf 3", $"{Clock(4)} on leaf 4"],
            rows.Select(row => row.Trajectory.Turns).Select(turns => $"{turns[0].Content} {turns[^2].Content} {turns[^1].Content}")
                .OrderBy(text => text[^1]));
    }

    /// <summary>Other agents, other tools, and conversations of which several say the same.</summary>
    [Theory]
    [InlineData("You write poems about whatever you are told.", false, 1, 2)]
    [InlineData("You help with the weather, in one sentence. It is 11:59.", true, 1, 2)]
    [InlineData("You help with the weather, in one sentence. It is 11:59.", false, 2, 3)]
    [InlineData("You help with the weather, in one sentence. It is 11:59.", false, 1, 1)]
    public async Task Conversations_of_others_are_not_gone_on_with(string prompt, bool hasTools, int same, int trajectories)
    {
        await using var running = await RunningGateway.StartAsync(
            (number, context) => Talk.AnswerAsync(context, $"answer-{number}", Talk.Assistant(number < same ? "root" : "leaf")));
        for (var i = 0; i < same; i++)
        {
            await running.AskAsync(Talk.Of(Talk.System(Clock(i)), Talk.User("one")));
        }

        await running.AskAsync(
            Talk.Of(Talk.System(prompt), Talk.User("one"), Talk.Assistant("root"), Talk.User("two")), hasTools ? Tools : null);

        Assert.Equal(trajectories, (await running.StopAsync()).Rows.Count);
    }

    [Fact]
    public async Task Several_choices_are_branches_and_a_name_keeps_conversations_apart()
    {
        await using var running = await RunningGateway.StartAsync((number, context) => number == 0
            ? Talk.AnswerAsync(context, "several", Talk.Assistant("heads"), Talk.Assistant("tails"))
            : Talk.AnswerAsync(context, $"answer-{number}", Talk.Assistant("the same")));

        await running.AskAsync(Talk.Of(Talk.User("Toss")), new JsonObject { ["n"] = 2 });
        var (_, first) = await running.AskAsync(Talk.Of(Talk.User("Same")), null, "Rebound-Conversation: first");
        await running.AskAsync(Talk.Of(Talk.User("Same")), null, "Rebound-Conversation: second");

        var (_, rows) = await running.StopAsync();
        Assert.Equal("first", first);
        Assert.Equal(
            ["heads", "tails", "the same", "the same"], rows.Select(row => row.Trajectory.Turns[^1].Content).Order());
        Assert.Equal(["several#0", "several#1"], rows.Take(2).Select(row => row.Trajectory.Members["response_id"].GetString()));
        Assert.Equal(["first", "second"], rows.Skip(2).Select(row => row.Trajectory.Members["conversation_id"].GetString()));
    }

    /// <summary>Answers as servers were reported to give them (see <see cref="MisbehavingServer"/>), whole and in pieces.</summary>
    [Theory]
    [InlineData("plain", true)]
    [InlineData("comment", true)]
    [InlineData("crlf", true)]
    [InlineData("bom", true)]
    [InlineData("nospace", true)]
    [InlineData("ping", true)]
    [InlineData("azurefirst", true)]
    [InlineData("emptyusage", true)]
    [InlineData("json", true)]
    [InlineData("ctype", true)]
    [InlineData("sse", false)]
    [InlineData("ssepieces", false)]
    [InlineData("nullid", false)]
    [InlineData("unknown", false)]
    [InlineData("reasoning_ok", false)]
    public async Task Answers_of_servers_that_nearly_keep_to_the_protocol_are_recorded(string mode, bool streamed)
    {
        await using var upstream = new MisbehavingServer();
        await using var running = await RunningGateway.StartAsync(
            (_, _) => Task.CompletedTask, options => options with { Upstream = upstream.Address });

        await running.AskAsync(Talk.Of(Talk.User("2+2?")), new JsonObject { ["model"] = mode, ["stream"] = streamed });

        var (counts, rows) = await running.StopAsync();
        Assert.True(counts.Answers == 1, string.Join(", ", counts.NotRecorded.Keys.Concat(counts.Failed.Keys)));
        Assert.Equal(MisbehavingServer.Good, Assert.Single(rows).Trajectory.Turns[^1].Content);
    }

    [Theory]
    [InlineData("miderr", true, "the upstream answered with an error")]
    [InlineData("firsterr", true, "the upstream answered with an error")]
    [InlineData("err200", false, "the upstream answered with an error")]
    [InlineData("503", false, "the upstream answered 503")]
    public async Task Errors_are_passed_on_and_counted(string mode, bool streamed, string reason)
    {
        await using var upstream = new MisbehavingServer();
        await using var running = await RunningGateway.StartAsync(
            (_, _) => Task.CompletedTask, options => options with { Upstream = upstream.Address });

        using var response = await running.PostAsync(
            "v1/chat/completions",
            new JsonObject { ["model"] = mode, ["stream"] = streamed, ["messages"] = Talk.Of(Talk.User("2+2?")) });

        Assert.Contains("message", await response.Content.ReadAsStringAsync(Cancellation));
        var (counts, rows) = await running.StopAsync();
        Assert.Empty(rows);
        Assert.Equal(reason, Assert.Single(counts.Failed).Key);
    }

    [Fact]
    public async Task What_cannot_be_learned_from_is_passed_on_and_counted()
    {
        await using var running = await RunningGateway.StartAsync(
            async (_, context) =>
            {
                await ChatServer.ReadAsync(context);
                await Talk.AnswerAsync(context, "answer", Talk.Assistant("It is a cat."));
            },
            options => options with { MaxRecordedBytes = 1 << 20 });
        var image = new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = "data:…" } }),
        };

        var (seen, _) = await running.AskAsync(Talk.Of(image));
        await running.AskAsync(Talk.Of(Talk.User(new string('x', 2 << 20))));

        Assert.Equal("It is a cat.", (string?)seen["choices"]![0]!["message"]!["content"]);
        var (counts, rows) = await running.StopAsync();
        Assert.Empty(rows);
        Assert.Equal(
            ["a body is larger than 1 MiB", "a message has a part of the type 'image_url'"], counts.NotRecorded.Keys.Order());
    }

    [Fact]
    public async Task A_packed_answer_and_a_packed_request_are_read()
    {
        byte[] Packed(string text)
        {
            using var packed = new MemoryStream();
            using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
            {
                gzip.Write(Encoding.UTF8.GetBytes(text));
            }

            return packed.ToArray();
        }

        await using var running = await RunningGateway.StartAsync(async (_, context) =>
        {
            context.Response.AddHeader("Content-Encoding", "gzip");
            await LocalServer.Say(context, Packed(Talk.Whole("answer", Talk.Assistant("Packed.")).ToJsonString()), "application/json");
        });
        using var content = new ByteArrayContent(Packed(new JsonObject { ["messages"] = Talk.Of(Talk.User("Pack!")) }.ToJsonString()));
        content.Headers.ContentEncoding.Add("gzip");

        using var response = await running.Http.PostAsync("v1/chat/completions", content, Cancellation);

        Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
        var (_, rows) = await running.StopAsync();
        Assert.Equal(["user: Pack!", "assistant: Packed."], Talk.Turns(Assert.Single(rows).Trajectory));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Responses_are_recorded_and_follow_each_other_by_their_ids(bool streamed)
    {
        string[] outputs =
        [
            """[{"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}, {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"}]""",
            """[{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Sunny."}]}]""",
        ];
        await using var running = await RunningGateway.StartAsync((number, context) =>
        {
            var response = new JsonObject
            {
                ["id"] = $"resp_{number}",
                ["model"] = "upstream-model",
                ["status"] = "completed",
                ["output"] = JsonNode.Parse(outputs[number]),
            };
            return streamed
                ? Talk.StreamAsync(context, "event: response.created\r\ndata: {\"type\":\"response.created\",\"response\":{}}\r\n\r\n"
                    + $"event: response.completed\r\ndata: {new JsonObject { ["type"] = "response.completed", ["response"] = response }.ToJsonString()}\r\n\r\n")
                : LocalServer.Say(context, 200, response.ToJsonString());
        });

        (await running.PostAsync("v1/responses", new JsonObject
        {
            ["model"] = "m",
            ["instructions"] = "Help.",
            ["input"] = "Weather?",
            ["stream"] = streamed,
            ["tools"] = JsonNode.Parse("""[{"type": "function", "name": "weather", "parameters": {}}]"""),
        })).Dispose();
        (await running.PostAsync("v1/responses", new JsonObject
        {
            ["model"] = "m",
            ["previous_response_id"] = "resp_0",
            ["input"] = JsonNode.Parse("""[{"type": "function_call_output", "call_id": "c1", "output": "21"}]"""),
            ["stream"] = streamed,
        })).Dispose();

        var (counts, rows) = await running.StopAsync();
        Assert.True(counts.Answers == 2, string.Join(", ", counts.NotRecorded.Keys.Concat(counts.Failed.Keys)));
        var trajectory = Assert.Single(rows).Trajectory;
        Assert.Equal(
            ["system: Help.", "user: Weather?", "assistant: [c1 weather {}]", "tool: 21", "assistant: Sunny."], Talk.Turns(trajectory));
        Assert.True(trajectory.Turns[2].Reasons);
    }

    [Fact]
    public async Task Another_gateway_goes_on_where_one_was_killed_and_a_line_that_was_cut_off_is_taken_away()
    {
        await using var running = await RunningGateway.StartAsync(
            (number, context) => Talk.AnswerAsync(context, $"answer-{number}", Talk.Assistant($"answer {number}")));
        var (_, conversation) = await running.AskAsync(Talk.Of(Talk.User("one")));
        await running.RestartAsync(() => File.AppendAllText(
            Path.Combine(running.Folder, "journal.log"), """{"node":{"parent":1,"message":{"role":"user","cont"""));

        var (_, same) = await running.AskAsync(Talk.Of(Talk.User("one"), Talk.Assistant("answer 0"), Talk.User("two")));
        await running.RestartAsync();
        using var told = await running.PostAsync("v1/feedback", new JsonObject { ["response_id"] = "answer-1", ["success"] = false });

        Assert.Equal(HttpStatusCode.OK, told.StatusCode);
        Assert.Equal(conversation, same);
        var (_, rows) = await running.StopAsync();
        var trajectory = Assert.Single(rows).Trajectory;
        Assert.Equal(["user: one", "assistant: answer 0", "user: two", "assistant: answer 1"], Talk.Turns(trajectory));
        Assert.Equal(0, trajectory.Outcome.Reward);
    }

    /// <summary>An answer in pieces of a few characters.</summary>
    private static string Pieces(string id, JsonObject message)
    {
        var events = new StringBuilder(": a comment\n\n" + Talk.Event(id, new JsonObject { ["role"] = "assistant", ["content"] = "" }));
        foreach (var piece in ((string?)message["content"] ?? "").Chunk(3))
        {
            events.Append(Talk.Event(id, new JsonObject { ["content"] = new string(piece) }));
        }

        var calls = message["tool_calls"] as JsonArray ?? [];
        foreach (var (index, call) in calls.Index())
        {
            events.Append(Talk.Event(id, new JsonObject
            {
                ["tool_calls"] = new JsonArray(new JsonObject
                {
                    ["index"] = index,
                    ["id"] = (string?)call!["id"],
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = (string?)call["function"]!["name"], ["arguments"] = "" },
                }),
            }));
            foreach (var piece in ((string)call["function"]!["arguments"]!).Chunk(4))
            {
                events.Append(Talk.Event(id, new JsonObject
                {
                    ["tool_calls"] = new JsonArray(new JsonObject
                    {
                        ["index"] = index,
                        ["function"] = new JsonObject { ["arguments"] = new string(piece) },
                    }),
                }));
            }
        }

        return events.Append(Talk.Event(id, [], calls.Count > 0 ? "tool_calls" : "stop")).Append("data: [DONE]\n\n").ToString();
    }
}
