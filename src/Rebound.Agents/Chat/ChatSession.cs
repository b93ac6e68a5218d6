using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Chat;

/// <summary>A chat: its agent, condition, settings and exchanges so far.</summary>
/// <param name="model">Whoever answers.</param>
/// <param name="limits">Turns, tokens, time and parsing; temperature and seed are the settings'.</param>
public sealed class ChatSession(IChatClient model, EpisodeOptions limits, TimeProvider time)
{
    /// <summary>Between the seeds of two questions there is room for those of an agent's turns.</summary>
    private const long SeedsOfQuestion = 1000;

    private readonly List<ChatExchange> _exchanges = [];
    private IReadOnlyList<Turn> _context = [];
    private (string Question, IReadOnlyList<Turn> Context)? _last;
    private bool _isAnswered;
    private int _asked;

    public ChatAgent Agent { get; private set; } = ChatAgent.Plain;

    /// <summary>The condition of the questions, by the agent's name for it.</summary>
    public string Condition { get; private set; } = Conversation.Unconditioned;

    public ChatSettings Settings { get; set; } = new();

    /// <summary>The completed exchanges, without those that were stopped or could not reach a model.</summary>
    public IReadOnlyList<ChatExchange> Exchanges => _exchanges;

    /// <summary>Whether there is a question to ask again.</summary>
    public bool CanRetry => _last is not null;

    /// <summary>Whether the last question came to something that can be judged.</summary>
    public bool CanJudge => _isAnswered;

    /// <summary>Turns to another agent, with a new conversation.</summary>
    /// <param name="condition">A condition of its prompt, by name or role; null for the one of success, or none where it has none.</param>
    /// <exception cref="ArgumentException">It has no such condition.</exception>
    public void TalkTo(ChatAgent agent, string? condition = null)
    {
        Condition = agent.FindCondition(condition ?? agent.Prompt?.Positive ?? Conversation.Unconditioned);
        Agent = agent;
        Settings = agent.Prompt?.Negative is null ? Settings with { Guidance = null } : Settings;
        Reset();
    }

    /// <exception cref="ArgumentException">The agent has no such condition.</exception>
    public void Choose(string condition) => Condition = Agent.FindCondition(condition);

    /// <summary>Sets the guidance weight away from the negative condition; null for none.</summary>
    /// <param name="weight">w of logits = p + w·(p − n); null for no guidance.</param>
    /// <exception cref="ArgumentException">The model cannot be guided, or nothing is there to keep away from.</exception>
    public void Guide(float? weight)
    {
        if (weight is not null && Agent.Prompt?.Negative is null)
        {
            throw new ArgumentException("Guidance needs a negative condition to keep away from, and this agent has none.");
        }

        _ = weight is null ? null : Guidable();
        Settings = Settings with { Guidance = weight };
    }

    /// <summary>Clears the context; exchanges remain, to be saved.</summary>
    public void Reset() => (_context, _last, _isAnswered) = ([], null, false);

    /// <summary>Asks a question and waits for its exchange.</summary>
    /// <param name="observer">Sees the agent at work.</param>
    /// <param name="cancellation">Stops the turn; the chat is as it was before then.</param>
    public Task<ChatExchange> AskAsync(string question, IAgentObserver observer, CancellationToken cancellation = default) =>
        AskAsync(question, Settings.KeepsContext ? _context : [], observer, cancellation);

    /// <summary>Asks a question after other turns than those of this chat.</summary>
    /// <param name="context">None of them in the loss.</param>
    /// <inheritdoc cref="AskAsync(string, IAgentObserver, CancellationToken)" path="/param"/>
    public async Task<ChatExchange> AskAsync(
        string question, IReadOnlyList<Turn> context, IAgentObserver observer, CancellationToken cancellation)
    {
        (_last, _isAnswered) = ((question, context), false);
        var started = time.GetTimestamp();
        await (Agent.Tools?.RefreshAsync(cancellation) ?? Task.CompletedTask);
        var before = Agent.Open(
            [.. Settings.System is { } system ? [new Turn(Roles.System, system, Loss: false)] : Array.Empty<Turn>(), .. context]);
        Turn[] turns = [.. before, new Turn(Roles.User, question, Loss: false)];
        var asked = Agent.Ask(turns, Condition);
        var answering = Settings.Guidance is { } weight
            ? Guidable().Guided(asked.Count, Agent.Ask(turns, Settings.Opposite ?? Agent.Prompt!.Negative!), weight)
            : model;
        var run = new AgentRun(asked);
        var options = limits with
        {
            ToolFormat = Agent.ToolFormat,
            ToolSchemas = Agent.ToolSchemas,
            Temperature = Settings.Temperature,
            Seed = Settings.Seed + (SeedsOfQuestion * _asked++),
        };
        var loop = new AgentLoop(answering, Agent.Tools, options, time, observer);
        await loop.RunAsync(run, cancellation);
        var exchange = new ChatExchange(before, question, run.Turns, run.Answer, run.Cause, run.Detail)
        {
            Condition = Condition,
            Tools = loop.Told,
            Temperature = Settings.Temperature,
            Guidance = Settings.Guidance,
            InputTokens = run.InputTokens,
            OutputTokens = run.OutputTokens,
            Duration = time.GetElapsedTime(started),
        };
        if (run.Cause != FailureCause.ModelError)
        {
            _exchanges.Add(exchange);
            _isAnswered = true;
            _context = [.. context, asked[^1], .. Said(run.Turns)];
        }

        return exchange;
    }

    /// <summary>
    /// Puts the last question once more, with another seed; in a conversation the new answer takes the place of the old one.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing was asked.</exception>
    public Task<ChatExchange> RetryAsync(IAgentObserver observer, CancellationToken cancellation = default)
    {
        var (question, context) = _last ?? throw new InvalidOperationException("Nothing was asked.");
        return AskAsync(question, context, observer, cancellation);
    }

    /// <summary>Says of the last exchange whether it was good; training learns from it as a success or a failure.</summary>
    /// <exception cref="InvalidOperationException">The last question, if any, has come to nothing.</exception>
    public void Judge(bool good)
    {
        if (!CanJudge)
        {
            throw new InvalidOperationException("There is nothing to judge.");
        }

        _exchanges[^1] = _exchanges[^1] with { Judged = good };
    }

    private IGuidableModel Guidable() => model.GetService(typeof(IGuidableModel)) as IGuidableModel
        ?? throw new ArgumentException("Guidance needs a model that is computed here; one behind a server decodes by itself.");

    /// <summary>The turns of an agent's work that the conversation keeps: all up to its last own turn, so that roles alternate.</summary>
    private static IEnumerable<Turn> Said(IReadOnlyList<Turn> turns) =>
        turns.Take(turns.Count - turns.Reverse().TakeWhile(turn => !turn.Loss).Count())
            .Select(turn => turn with { Loss = false, Generated = null });
}
