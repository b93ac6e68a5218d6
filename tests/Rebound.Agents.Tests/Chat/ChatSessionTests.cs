using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Server;
using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tests.Tools;
using Rebound.Agents.Tools;
using Rebound.Files.Json;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Tests.Chat;

public sealed class ChatSessionTests
{
    private static readonly PromptTemplate Prompt = PromptConfiguration.Read(
        JsonNode.Parse("""
            {"name": "sums", "opening": [{"role": "system", "content": "Be brief."}], "question": "Q: {question}",
             "conditions": {"right": {"when": {"reward": true}, "prefix": "[good] "}, "wrong": {"prefix": "[bad] "}}}
            """),
        "sums.json");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_is_asked_under_the_condition_and_seen_at_work()
    {
        var asked = new List<string>();
        var session = Session((messages, _) =>
        {
            asked.Add(Text(messages));
            return messages.Count < 4 ? "Thought: add\nAction: calculate[2+2]\nThought: and more" : "Action: finish[4]";
        });
        var observer = new RecordingObserver();

        var exchange = await session.AskAsync("2 + 2?", observer, Cancellation);
        session.Choose("negative");
        await session.AskAsync("3?", observer, Cancellation);

        Assert.Equal("system: Be brief.|user: [good] Q: 2 + 2?", asked[0]);
        Assert.Equal("system: Be brief.|user: [bad] Q: 3?", asked[2]);
        Assert.Equal(
            ["Thought: add\nAction: calculate[2+2]", "Observation: 4", "Action: finish[4]", AgentLoop.Finished], observer.Seen.Take(4));
        Assert.Equal(("4", "right", null), (exchange.Answer, exchange.Condition, exchange.Cause));
        Assert.Equal("wrong", session.Condition);
    }

    [Fact]
    public async Task A_model_without_tools_keeps_the_conversation_until_it_is_reset()
    {
        var asked = new List<string>();
        var session = new ChatSession(new StreamingModel((messages, _) => Answer(messages, asked)),
            new EpisodeOptions(), TimeProvider.System)
        {
            Settings = new ChatSettings { KeepsContext = true, System = "Be kind." },
        };
        foreach (var question in new[] { "one", "two" })
        {
            await session.AskAsync(question, new RecordingObserver(), Cancellation);
        }

        await session.RetryAsync(new RecordingObserver(), Cancellation);
        session.Reset();
        await session.AskAsync("three", new RecordingObserver(), Cancellation);

        Assert.Equal("system: Be kind.|user: one|assistant: answer 1|user: two", asked[1]);
        Assert.Equal(asked[1], asked[2]);
        Assert.Equal("system: Be kind.|user: three", asked[3]);
        Assert.False(session.Exchanges[1].Before[^1].Loss);
        Assert.Equal(4, session.Exchanges.Count);

        static string Answer(IReadOnlyList<ChatMessage> messages, List<string> asked)
        {
            asked.Add(Text(messages));
            return $"answer {asked.Count}";
        }
    }

    [Fact]
    public async Task Every_question_draws_with_another_seed_and_so_does_a_retry()
    {
        var seeds = new List<long?>();
        var session = Session((_, options) =>
        {
            seeds.Add(options!.Seed);
            return "Action: finish[1]";
        });
        session.Settings = session.Settings with { Seed = 7, Temperature = 0.5f };

        await session.AskAsync("a", new RecordingObserver(), Cancellation);
        await session.RetryAsync(new RecordingObserver(), Cancellation);
        await session.AskAsync("b", new RecordingObserver(), Cancellation);

        Assert.Equal(3, seeds.Distinct().Count());
        Assert.Equal(7, seeds[0]);
        Assert.All(session.Exchanges, exchange => Assert.Equal(0.5f, exchange.Temperature));
    }

    [Fact]
    public async Task A_conversation_with_an_agent_goes_on_in_turns()
    {
        var roles = "";
        var session = Session((messages, _) =>
        {
            roles = string.Join(' ', messages.Select(message => message.Role));
            return "Action: finish[1]";
        });
        session.Settings = session.Settings with { KeepsContext = true };

        await session.AskAsync("a", new RecordingObserver(), Cancellation);
        await session.AskAsync("b", new RecordingObserver(), Cancellation);

        Assert.Equal("system user assistant user", roles);
    }

    [Fact]
    public async Task A_turn_that_is_stopped_or_finds_no_model_leaves_the_chat_as_it_was_and_can_be_asked_again()
    {
        var isBroken = false;
        using var stop = new CancellationTokenSource();
        var session = Session((_, _) =>
        {
            stop.Cancel();
            return isBroken ? throw new HttpRequestException("no route") : "Action: finish[1]";
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.AskAsync("a", new RecordingObserver(), stop.Token));
        Assert.Empty(session.Exchanges);
        Assert.False(session.CanJudge);
        await session.RetryAsync(new RecordingObserver(), Cancellation);
        isBroken = true;
        var broken = await session.AskAsync("b", new RecordingObserver(), Cancellation);

        Assert.Equal((FailureCause.ModelError, "no route"), (broken.Cause, broken.Detail));
        Assert.Equal("a", Assert.Single(session.Exchanges).Question);
        Assert.Throws<InvalidOperationException>(() => session.Judge(good: true));
    }

    [Fact]
    public async Task What_is_saved_trains_on_the_very_turns_that_were_asked()
    {
        var asked = new List<string>();
        var session = Session((messages, _) =>
        {
            asked.Add(Text(messages));
            return "Action: finish[4]";
        });
        session.Settings = session.Settings with { System = "Be kind.", KeepsContext = true };
        await session.AskAsync("a", new RecordingObserver(), Cancellation);
        await session.AskAsync("b", new RecordingObserver(), Cancellation);
        session.Judge(good: true);

        var read = TrajectoryFile.ReadRow(System.Text.Json.JsonSerializer.SerializeToElement(session.Exchanges[1].ToJson()), "chat", 1);
        var composed = Prompt.Compose(read, question: null, "chat");

        Assert.Equal("right", composed.Condition);
        Assert.Equal(
            asked[1], string.Join('|', composed.Turns.TakeWhile(turn => !turn.Loss).Select(turn => $"{turn.Role}: {turn.Content}")));
        Assert.Equal(session.Exchanges[1].Turns, composed.Turns.SkipWhile(turn => !turn.Loss));
    }

    [Fact]
    public async Task Servers_tools_that_no_prompt_tells_are_saved_with_what_was_said()
    {
        await using var piped = new PipedServer(
            McpServerTool.Create((string city) => city, new() { Name = "get-weather", Description = "Tells the weather" }));
        await using var server = await McpTools.ConnectAsync(piped.Transport, "piped", cancellation: Cancellation);
        var asked = new List<string>();
        var session = Session((messages, _) =>
        {
            asked.Add(Text(messages));
            return "Action: finish[4]";
        });
        foreach (var prompt in new[] { Prompt, null })
        {
            session.TalkTo(new ChatAgent("sums", new ToolSet(server.Tools), prompt));
            var exchange = await session.AskAsync("a", new RecordingObserver(), Cancellation);
            var read = TrajectoryFile.ReadRow(StrictJson.Element(exchange.ToJson()), "chat", 1);
            var composed = prompt?.Compose(read with { Outcome = read.Outcome with { Reward = 1 } }, question: null, "chat").Turns
                ?? read.Turns;

            Assert.Contains("get-weather", asked[^1]);
            Assert.Equal(
                asked[^1], string.Join('|', composed.TakeWhile(turn => !turn.Loss).Select(turn => $"{turn.Role}: {turn.Content}")));
        }
    }

    [Fact]
    public async Task Guidance_keeps_away_from_the_negative_condition_where_the_model_can_be_guided()
    {
        var model = new GuidableModel();
        var session = new ChatSession(model, new EpisodeOptions(), TimeProvider.System);
        Assert.Contains("needs a negative condition", Assert.Throws<ArgumentException>(() => session.Guide(1)).Message);
        session.TalkTo(new ChatAgent("sums", new ToolSet(new CalculateTool()), Prompt));
        session.Guide(1.5f);

        var exchange = await session.AskAsync("a", new RecordingObserver(), Cancellation);

        Assert.Equal("2 1.5 system: Be brief.|user: [bad] Q: a", model.Asked);
        Assert.Equal(("guided", 1.5), (exchange.Answer, (double)exchange.ToJson()["guidance"]!));
        session.TalkTo(ChatAgent.Plain);
        Assert.Null(session.Settings.Guidance);
        var served = Session((_, _) => "");
        Assert.Contains("computed here", Assert.Throws<ArgumentException>(() => served.Guide(1)).Message);
    }

    [Theory]
    [InlineData("Action: finish[4]", null, "unscored", null)]
    [InlineData("Action: finish[4]", true, "positive", null)]
    [InlineData("Action: finish[4]", false, "negative", "wrong answer")]
    [InlineData("I think 4.", null, "negative", "malformed action")]
    [InlineData("I think 4.", true, "positive", null)]
    public async Task An_outcome_is_what_it_was_judged_or_a_failure_without_an_answer(
        string said, bool? judged, string outcome, string? cause)
    {
        var session = Session((_, _) => said);
        await session.AskAsync("a", new RecordingObserver(), Cancellation);
        if (judged is { } good)
        {
            session.Judge(good);
        }

        var read = TrajectoryFile.ReadRow(System.Text.Json.JsonSerializer.SerializeToElement(session.Exchanges[0].ToJson()), "chat", 1);

        Assert.Equal((outcome, cause), (read.Outcome.Name, read.Outcome.Cause));
    }

    private static ChatSession Session(Func<IReadOnlyList<ChatMessage>, ChatOptions?, string> answer)
    {
        var session = new ChatSession(new StreamingModel(answer), new EpisodeOptions(), TimeProvider.System);
        session.TalkTo(new ChatAgent("sums", new ToolSet(new CalculateTool()), Prompt));
        return session;
    }

    private static string Text(IEnumerable<ChatMessage> messages) =>
        string.Join('|', messages.Select(message => $"{message.Role}: {message.Text}"));

    private sealed class GuidableModel : IChatClient, IGuidableModel
    {
        public string Asked { get; private set; } = "";

        public IChatClient Guided(int prompt, IReadOnlyList<Turn> opposite, float weight)
        {
            Asked = $"{prompt} {weight} {string.Join('|', opposite.Select(turn => $"{turn.Role}: {turn.Content}"))}";
            return new StreamingModel((_, _) => "Action: finish[guided]");
        }

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
                throw new NotSupportedException();

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
                throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

        public void Dispose()
        {
        }
    }
}
