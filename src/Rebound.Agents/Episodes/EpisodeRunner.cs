using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories;

namespace Rebound.Agents.Episodes;

/// <summary>
/// The ReAct loop (Yao et al. 2023, arXiv 2210.03629): the model thinks and acts, the tool's reply is observed, until the
/// model finishes or fails. Every failure ends as an episode with its cause and the turn that failed; nothing but
/// cancellation leaves the loop as an exception.
/// </summary>
public sealed class EpisodeRunner(IChatClient model, ToolSet tools, IScorer scorer, EpisodeOptions options, TimeProvider time)
{
    /// <summary>What a tool's reply begins with.</summary>
    public const string Observation = "Observation: ";

    /// <summary>What the agent observes after its answer.</summary>
    public const string Finished = Observation + "Episode finished";

    private const string Stop = "\n" + Observation;

    /// <summary>Runs one episode.</summary>
    /// <param name="prompt">The turns that ask the question.</param>
    /// <param name="cancellation">Gives the episode up; nothing of it is kept.</param>
    public async Task<Episode> RunAsync(TaskQuestion question, IReadOnlyList<Turn> prompt, CancellationToken cancellation = default)
    {
        var started = time.GetTimestamp();
        using var limit = options.Timeout is { } timeout ? new CancellationTokenSource(timeout, time) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var run = new Run(question, [.. prompt.Select(ChatMessages.ToMessage)]);
        try
        {
            while (run.Ending is null)
            {
                await StepAsync(run, either.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            run.Fail(FailureCause.Timeout, $"the episode took longer than {options.Timeout}.");
        }

        var (cause, detail, info) = run.Ending!.Value;
        if (cause is { } failure)
        {
            info["cause"] = failure.Name();
        }

        return new Episode(question, run.Turns, info, cause, detail)
        {
            Temperature = options.Temperature,
            InputTokens = run.InputTokens,
            OutputTokens = run.OutputTokens,
            Duration = time.GetElapsedTime(started),
        };
    }

    private async Task StepAsync(Run run, CancellationToken cancellation)
    {
        if (run.Steps == options.StepLimit)
        {
            run.Fail(FailureCause.StepLimit, $"the agent did not finish within {options.StepLimit} turns.");
            return;
        }

        if (await AskAsync(run, cancellation) is not { } reply)
        {
            return;
        }

        var text = reply.Text.Split(Stop)[0];
        var turn = options.Parsing == ActionParsing.Reference ? ReferenceActions.Parse(text) : TolerantActions.Parse(text, tools.ActionNames);
        run.Say(options.Parsing == ActionParsing.Tolerant ? TolerantActions.UpToAction(text, turn) : text);
        if (!turn.IsWellFormed)
        {
            var refused = reply.FinishReason == ChatFinishReason.ContentFilter || Refusals.Is(text);
            run.Fail(refused ? FailureCause.Refusal : FailureCause.MalformedAction, refused ? null : "the turn has no action of the form tool[argument].");
        }
        else if (turn.Finishes)
        {
            run.Observe(Finished);
            run.End(scorer.Score(run.Question.GroundTruth, turn.Argument!));
        }
        else
        {
            await ActAsync(run, turn, cancellation);
        }
    }

    /// <summary>The model's reply; null where the episode ends because there is none.</summary>
    private async Task<ChatResponse?> AskAsync(Run run, CancellationToken cancellation)
    {
        try
        {
            var reply = await model.GetResponseAsync(run.Messages, Request(run), cancellation);
            run.Count(reply.Usage);
            return reply;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is not OutOfMemoryException)
        {
            run.Fail(FailureCause.ModelError, e.Message);
            return null;
        }
    }

    private async Task ActAsync(Run run, ParsedTurn turn, CancellationToken cancellation)
    {
        if (tools.Find(turn.Tool!) is not { } tool)
        {
            run.Fail(FailureCause.UnknownTool, $"there is no tool '{turn.Tool}'; there are {string.Join(", ", tools.ActionNames)}.");
            return;
        }

        try
        {
            run.Observe(Observation + await tool.InvokeAsync(turn.Argument!, cancellation));
        }
        catch (ToolException e)
        {
            run.Fail(FailureCause.ToolError, e.Message);
        }
    }

    private ChatOptions Request(Run run) => new()
    {
        Temperature = options.Temperature,
        MaxOutputTokens = options.MaxOutputTokens,
        StopSequences = [Stop],
        Seed = options.Seed is { } seed ? seed + run.Steps : null,
    };

    /// <summary>An episode on its way.</summary>
    private sealed class Run(TaskQuestion question, List<ChatMessage> messages)
    {
        public TaskQuestion Question => question;

        public List<ChatMessage> Messages => messages;

        public List<Turn> Turns { get; } = [];

        public int Steps { get; private set; }

        public long InputTokens { get; private set; }

        public long OutputTokens { get; private set; }

        /// <summary>How it ended; null while it goes on.</summary>
        public (FailureCause? Cause, string? Detail, JsonObject Info)? Ending { get; private set; }

        public void Say(string text)
        {
            Steps++;
            Add(new Turn(Roles.Assistant, text, Loss: true));
        }

        public void Observe(string text) => Add(new Turn(Roles.User, text, Loss: false));

        public void Count(UsageDetails? usage)
        {
            InputTokens += usage?.InputTokenCount ?? 0;
            OutputTokens += usage?.OutputTokenCount ?? 0;
        }

        public void End(Score score) => Ending = (score.Reward ? null : FailureCause.WrongAnswer, null, score.Info);

        public void Fail(FailureCause cause, string? detail) =>
            Ending = (cause, detail, new JsonObject { ["reward"] = false, ["gt"] = question.GroundTruth?.DeepClone() });

        private void Add(Turn turn)
        {
            Turns.Add(turn);
            messages.Add(ChatMessages.ToMessage(turn));
        }
    }
}
