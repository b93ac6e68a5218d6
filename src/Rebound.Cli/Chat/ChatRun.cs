using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Cli.Agents;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Trajectories;
using Rebound.Trajectories.Parsing;

namespace Rebound.Cli.Chat;

/// <summary>A chat from its first line to its last.</summary>
internal sealed class ChatRun(
    CommandContext context, ChatSession session, SlashCommands commands, IChatLines lines, IChatView view, bool isPerson)
{
    /// <summary>A person waits; what fails is said soon, and asked again by hand.</summary>
    private const int RequestAttempts = 3;

    private int _exitCode = ExitCode.Done;
    private bool _toldUnusedAction;

    public static async Task<int> RunAsync(CommandContext context, ChatOptions options)
    {
        var checks = new OptionChecks(context);
        var limits = options.Agent.ReadEpisodes(context, checks);
        options.Check(context, checks);
        checks.ThrowIfAny();
        using var opened = AgentModels.Open(context, options.Endpoint, RequestAttempts);
        var model = opened.Model;
        await using var partners = new ChatPartners(context, options, model);
        var agent = await partners.FirstAsync();
        var condition = context.Get(options.Agent.Condition);
        _ = condition is null ? null : agent.FindCondition(condition);
        var local = agent.Tools is null ? model as LocalAgentModel : null;
        var own = local?.Sampling ?? OwnSampling.None;
        if (own != OwnSampling.None)
        {
            local!.SampleAsItsOwn();
            context.Terminal.Note(
                "Answers are drawn as the model's generation_config.json says: "
                    + $"{own}.{(own.Temperature is null ? "" : $" {options.Temperature.Name} chooses another temperature.")}");
        }

        var session = new ChatSession(model.Start(conversations: 1), limits, TimeProvider.System)
        {
            Settings = new ChatSettings
            {
                Temperature = options.ReadTemperature(context, agent.Tools is not null, own),
                Seed = context.Require(options.Seed),
                System = context.Get(options.System),
                KeepsContext = agent.Tools is null,
            },
        };
        session.TalkTo(agent, condition);
        session.Guide((float?)context.Get(options.Guidance));
        var (lines, view, isPerson) = Open(context);
        if (isPerson && !context.Terminal.Quiet)
        {
            view.Reply(Greeting(session, model.Name));
        }

        return await new ChatRun(context, session, new SlashCommands(session, partners.OpenAsync), lines, view, isPerson).RunAsync();
    }

    private static (IChatLines Lines, IChatView View, bool IsPerson) Open(CommandContext context)
    {
        var terminal = context.Terminal;
        if (context.Get(SharedOptions.Json))
        {
            return (new PlainLines(StandardStreams.Input, null), new ChatJson(terminal), false);
        }

        var (typed, shown) = (!Console.IsInputRedirected, !Console.IsOutputRedirected);
        var view = new ChatView(terminal.Output, shown ? () => TerminalStyle.Width : null, TerminalStyle.Allowed(!shown));
        return typed && shown && TerminalStyle.CanMove
            ? (new TerminalLines(terminal), view, true)
            : (new PlainLines(StandardStreams.Input, typed ? StandardStreams.Error : null), view, typed);
    }

    private static string Greeting(ChatSession session, string model)
    {
        var agent = session.Agent;
        var about = agent.Tools is { } tools
            ? $"{agent.Task ?? "An agent"}, with {string.Join(", ", tools.All.Select(tool => tool.Name))}"
            : $"{model} without a task, so without tools; --task gives it some";
        var prompt = agent.Prompt is null ? "" : $", asked with the prompt '{agent.Prompt.Name}'";
        return $"{about}{prompt}. /help lists commands, Ctrl-C stops a turn, Ctrl-D leaves.";
    }

    private async Task<int> RunAsync()
    {
        while (!context.Interrupted.IsCancellationRequested && lines.Next(Prompt(), PromptStyle()) is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line) && !await TakeAsync(line))
            {
                break;
            }
        }

        context.Interrupted.ThrowIfCancellationRequested();
        return isPerson ? ExitCode.Done : _exitCode;
    }

    private string Prompt()
    {
        var condition = session.Agent.Conditions.Count == 0 ? "" : $" {session.Condition}";
        return $"{session.Agent.Task ?? "chat"}{condition}{(session.Settings.Guidance is { } weight ? $" w={weight}" : "")}> ";
    }

    private string PromptStyle() =>
        !TerminalStyle.Allowed(Console.IsOutputRedirected) ? ""
        : session.Condition == session.Agent.Prompt?.Negative ? "\u001b[1;31m"
        : session.Condition == Conversation.Unconditioned ? "\u001b[1m"
        : "\u001b[1;32m";

    /// <summary>Does what a line says; false to leave.</summary>
    private async Task<bool> TakeAsync(string line)
    {
        try
        {
            var (question, command) = SlashCommand.Read(line);
            if (command is null)
            {
                await TurnAsync(cancellation => session.AskAsync(question!, view, cancellation));
                return true;
            }

            var (reply, step) = await commands.RunAsync(command);
            if (step == ChatStep.Retry)
            {
                await TurnAsync(cancellation => session.RetryAsync(view, cancellation));
            }
            else if (step == ChatStep.GoOn)
            {
                view.Reply(reply);
            }

            return step != ChatStep.Leave;
        }
#pragma warning disable CA1031 // A line that cannot be taken is no reason to end the chat, whatever is wrong with it.
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException and not ReaderLeftException)
#pragma warning restore CA1031
        {
            (_exitCode, var message) = ErrorBoundary.Explain(e);
            context.Terminal.Error(message);
            return true;
        }
    }

    /// <summary>Lets the agent work; a person's Ctrl-C stops that alone.</summary>
    private async Task TurnAsync(Func<CancellationToken, Task<ChatExchange>> ask)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Interrupted);
        using var taken = isPerson ? context.Interruption.Take(stop.Cancel) : null;
        try
        {
            var exchange = await ask(stop.Token);
            view.Show(exchange, session.Agent.Tools is not null);
            TellUnusedAction(exchange);
            _exitCode = exchange.Cause == FailureCause.ModelError ? ExitCode.Failed : _exitCode;
        }
        catch (OperationCanceledException) when (!context.Interrupted.IsCancellationRequested)
        {
            view.Stopped();
        }
    }

    /// <summary>Says once that an action was only said, where there are no tools to carry it out.</summary>
    private void TellUnusedAction(ChatExchange exchange)
    {
        if (!_toldUnusedAction && session.Agent.Tools is null && exchange.Answer is { } answer
            && TolerantActions.CertainEnd(answer, tools: []) is not null)
        {
            _toldUnusedAction = true;
            context.Terminal.Note(
                "That is an agent's action, and there is no tool to carry it out: /task NAME turns to a task with its tools.");
        }
    }
}
