using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Models;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Testing;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Tests.Episodes;

public sealed class EpisodeRunnerTests
{
    private static readonly TaskQuestion Question = new(JsonValue.Create(7), "6 eggs, 2 eaten?", JsonValue.Create("6 - 2 = 4\n#### 4"));
    private static readonly Turn[] Prompt = [new(Roles.User, "Question: 6 eggs, 2 eaten?", Loss: false)];

    [Fact]
    public async Task An_agent_thinks_acts_observes_and_finishes()
    {
        var asked = new List<string>();
        var episode = await Run(new EpisodeOptions { Temperature = 0.2f }, messages =>
        {
            asked.Add(string.Join('|', messages.Select(message => $"{message.Role}: {message.Text}")));
            return messages.Count == 1 ? "Thought: subtract\n\nAction: calculate[6-2]" : "Thought: done\n\nAction: finish[4]";
        });

        Assert.True(episode.Succeeded);
        Assert.Equal(
            [
                new Turn("assistant", "Thought: subtract\n\nAction: calculate[6-2]", true), new Turn("user", "Observation: 4", false),
                new Turn("assistant", "Thought: done\n\nAction: finish[4]", true), new Turn("user", "Observation: Episode finished", false),
            ],
            episode.Turns);
        Assert.Equal(
            "user: Question: 6 eggs, 2 eaten?|assistant: Thought: subtract\n\nAction: calculate[6-2]|user: Observation: 4", asked[1]);
        Assert.Equal("""{"reward":true,"gt":"4","pred":"4"}""", episode.Info.ToJsonString());
    }

    [Fact]
    public async Task A_recorded_episode_is_a_row_of_natinstruct_that_reads_back()
    {
        var episode = await Run(new EpisodeOptions { Temperature = 0.5f }, _ => "Action: finish[5]");

        var row = new TrajectoryWriter(TrajectoryFormat.NatInstruct).Write(episode.ToTrajectory());

        Assert.Equal(
            """
            {"id":7,"conversations":[{"role":"assistant","content":"Action: finish[5]","loss":true},
            {"role":"user","content":"Observation: Episode finished","loss":false}],"source":"0.5",
            "info":{"reward":false,"gt":"4","pred":"5","cause":"wrong answer"}}
            """.Replace("\n", ""),
            row.ToJsonString());
        var read = TrajectoryFile.ReadRow(System.Text.Json.JsonSerializer.SerializeToElement(row), "row", 1);
        Assert.Equal(("7", "wrong answer", false, "0.5"), (read.Id, read.Outcome.Cause, read.Outcome.Success, read.Source));
        Assert.Equal(episode.Turns, read.Turns);
    }

    [Fact]
    public async Task Whatever_a_tool_throws_ends_its_episode_alone()
    {
        var episode = await Run(new EpisodeOptions(), _ => "Thought: a\nAction: faulty[4]");

        Assert.Equal((FailureCause.ToolError, "no such key"), (episode.Cause, episode.Detail));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("# ")]
    [InlineData("action ")]
    public async Task A_turn_that_repeats_itself_without_end_is_malformed(string repeated)
    {
        var text = string.Concat(Enumerable.Repeat(repeated, 200_000));
        var episode = await Run(new EpisodeOptions(), _ => text);

        Assert.Equal((FailureCause.MalformedAction, text), (episode.Cause, Assert.Single(episode.Turns).Content));
    }

    [Theory]
    [InlineData("I think it is 4.", FailureCause.MalformedAction, 1)]
    [InlineData("Thought: a\nAction: lookup[4]", FailureCause.UnknownTool, 1)]
    [InlineData("Thought: a\nAction: broken[4]", FailureCause.ToolError, 1)]
    [InlineData("Thought: a\nAction: calculate[1/0]", FailureCause.StepLimit, 6)]
    [InlineData("Thought: a\nAction: finish[5]", FailureCause.WrongAnswer, 2)]
    [InlineData("I'm sorry, but I cannot help with that.", FailureCause.Refusal, 1)]
    public async Task Every_failure_keeps_its_turns_and_cause(string said, FailureCause cause, int turns)
    {
        var episode = await Run(new EpisodeOptions { StepLimit = 3 }, _ => said);

        Assert.Equal(cause, episode.Cause);
        Assert.Equal(turns, episode.Turns.Count);
        Assert.Equal(said, episode.Turns[0].Content);
        Assert.Equal(cause.Name(), (string?)episode.Info["cause"]);
        Assert.False((bool)episode.Info["reward"]!);
        Assert.Equal(cause, FailureCauses.Find(cause.Name()));
    }

    [Fact]
    public async Task A_model_that_cannot_be_asked_ends_the_episode()
    {
        var episode = await Run(new EpisodeOptions(), _ => throw new HttpRequestException("no route"));

        Assert.Equal((FailureCause.ModelError, "no route"), (episode.Cause, episode.Detail));
        Assert.Empty(episode.Turns);
    }

    [Fact]
    public async Task An_episode_that_takes_too_long_ends_and_one_that_is_given_up_is_not_kept()
    {
        using var slow = new SilentModel();
        var runner = Runner(slow, new EpisodeOptions { Timeout = TimeSpan.FromMilliseconds(20) });
        using var given = new CancellationTokenSource();
        await given.CancelAsync();

        var episode = await runner.RunAsync(Question, Prompt, TestContext.Current.CancellationToken);

        Assert.Equal((FailureCause.Timeout, "the episode took longer than 0.02 s."), (episode.Cause, episode.Detail));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.RunAsync(Question, Prompt, given.Token));
    }

    [Fact]
    public async Task What_a_model_writes_after_its_action_is_left_out()
    {
        var episode = await Run(
            new EpisodeOptions(),
            messages =>
                messages.Count == 1 ? "Thought: a\nAction: calculate[6-2]\nObservation: 5\nAction: finish[5]" : "Action: finish[4]");

        Assert.True(episode.Succeeded);
        Assert.Equal("Thought: a\nAction: calculate[6-2]", episode.Turns[0].Content);
    }

    [Fact]
    public async Task The_reference_reads_turns_to_the_letter()
    {
        var options = new EpisodeOptions { Parsing = ActionParsing.Reference };

        Assert.Equal(FailureCause.UnknownTool, (await Run(options, _ => "Thought: a\nAction: Calculate[1]")).Cause);
        Assert.Equal(FailureCause.MalformedAction, (await Run(options, _ => "Thought: a\nAction: calculate 1")).Cause);
        Assert.Equal("4 ", (string?)(await Run(options, _ => "Thought: a\nAction: Finish[4 ]")).Info["pred"]);
    }

    [Fact]
    public async Task Messages_at_inference_are_those_of_the_reference()
    {
        foreach (var row in File.ReadLines(SharedData.Path("golden/nat/infer_messages.jsonl")).Select(line => JsonNode.Parse(line)!))
        {
            var prompts = PromptFile.Load(SharedData.Path($"data/prompts/{row["task"]}_conversation.json"), (string)row["template"]!);
            IReadOnlyList<ChatMessage> sent = [];

            await Run(
                new EpisodeOptions(), messages => (sent = messages) is null ? "" : "Action: finish[1]",
                prompts.Ask((string)row["question"]!, prompts.Positive));

            Assert.Equal(
                row["messages"]!.AsArray().Select(message => ((string)message!["role"]!, (string)message["content"]!)),
                sent.Select(message => (message.Role.Value, message.Text)));
        }
    }

    private static async Task<Episode> Run(
        EpisodeOptions options, Func<IReadOnlyList<ChatMessage>, string> answer, IReadOnlyList<Turn>? prompt = null)
    {
        using var model = new ScriptedModel(answer);
        return await Runner(model, options).RunAsync(Question, prompt ?? Prompt, TestContext.Current.CancellationToken);
    }

    private static EpisodeRunner Runner(IChatClient model, EpisodeOptions options) =>
        new(model, new ToolSet(
            new CalculateTool(), new BrokenTool("broken", new ToolException("it is broken.")),
            new BrokenTool("faulty", new KeyNotFoundException("no such key"))), new MathScorer(), options, TimeProvider.System);

    private sealed class BrokenTool(string name, Exception failure) : TextTool(name, "fails", "text", "anything")
    {
        public override Task<string> InvokeAsync(string text, CancellationToken cancellation = default) => throw failure;
    }

    private sealed class SilentModel : IChatClient
    {
        public async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
