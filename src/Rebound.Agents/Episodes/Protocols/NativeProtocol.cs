using System.Text.Json;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Episodes.Protocols;

/// <summary>
/// Calls of tools beside the text, as models are trained to make them today. Several calls of a turn run at once, and their results come in
/// the calls' order. The work ends with a call of <see cref="FinishTool"/>, or with a turn without calls, whose text is the answer.
/// </summary>
internal sealed class NativeProtocol(
    ModelTurn model, ToolSet tools, EpisodeOptions options, IAgentObserver? observer) : TurnProtocol(observer)
{
    private readonly ToolOffer _offer = ToolOffer.Of(tools, options.ToolSchemas);

    public override JsonElement? Told => _offer.Schemas;

    public override async Task StepAsync(AgentRun run, CancellationToken cancellation)
    {
        if (IsOver(run, options)
            || await model.AskAsync(run, options, new TurnRequest { Tools = _offer.Tools }, cancellation) is not { } reply)
        {
            return;
        }

        var before = ToolCalls.Count(run.Messages);
        var turn = reply.Turn with { ToolCalls = [.. reply.Turn.ToolCalls.Select((call, i) => ToolCalls.Named(call, before + i + 1))] };
        Say(run, turn);
        if (turn.ToolCalls.Count == 0)
        {
            Answer(run, reply);
        }
        else if (reply.IsCut)
        {
            run.Fail(FailureCause.TokenLimit, "the turn was cut off, and its calls were not made.");
        }
        else
        {
            await CallAsync(run, turn.ToolCalls, cancellation);
        }
    }

    private static void Answer(AgentRun run, Reply reply)
    {
        if (reply.IsEmpty || reply.IsCut || reply.Refusal is not null || Refusals.Is(reply.Text))
        {
            var (cause, detail) = reply.Failure(FailureCause.EmptyAnswer, "the model said nothing.");
            run.Fail(cause, detail);
        }
        else
        {
            run.Finish(reply.Text.Trim());
        }
    }

    private async Task CallAsync(AgentRun run, IReadOnlyList<ToolCall> calls, CancellationToken cancellation)
    {
        var results = calls.Select(call =>
            _offer.Finishes(call) ? Task.FromResult(Finish(call)) : InvokeAsync(call, cancellation)).ToArray();
        try
        {
            await Task.WhenAll(results);
        }
        catch (Exception e) when (ToolInvocation.IsToolsOwn(e, cancellation))
        {
            // Of several failures the first one is thrown; a server that is gone is told whichever it is.
            if (results.Select(result => result.Exception?.InnerException).OfType<ToolServerException>().FirstOrDefault() is { } gone)
            {
                throw new ToolServerException(gone.Message, gone);
            }

            run.Fail(FailureCause.ToolError, e.Message);
        }

        foreach (var (call, result) in calls.Zip(results).Where(pair => pair.Second.IsCompletedSuccessfully))
        {
            Observe(run, (await result).Turn(call.Id));
        }

        if (!run.HasEnded && results.Select(result => result.Result.Answer).FirstOrDefault(answer => answer is not null) is { } final)
        {
            run.Finish(final);
        }
    }

    private static CallResult Finish(ToolCall call)
    {
        try
        {
            return FinishTool.Answer(call.Arguments) is { } answer
                ? new CallResult(AgentLoop.FinishResult) { Answer = answer }
                : CallResult.Of(CallFault.InvalidArguments, "finish takes the answer as its argument \"answer\".");
        }
        catch (ToolArgumentException e)
        {
            return CallResult.Of(CallFault.InvalidJson, e.Message);
        }
    }

    private async Task<CallResult> InvokeAsync(ToolCall call, CancellationToken cancellation)
    {
        if (tools.FindCalled(call.Name) is not { } tool)
        {
            return CallResult.Of(CallFault.UnknownTool, call.Name.Length == 0
                ? "the call has no tool's name that can be read."
                : _offer.Names.Contains(call.Name) ? $"the tool '{call.Name}' is not there now."
                : $"there is no tool '{call.Name}'; there are {string.Join(", ", _offer.Names)}.");
        }

        try
        {
            return new CallResult(await tool.CallAsync(call.Arguments, cancellation));
        }
        catch (ToolArgumentException e)
        {
            return CallResult.Of(e.IsNoJson ? CallFault.InvalidJson : CallFault.InvalidArguments, e.Message);
        }
    }

    /// <summary>The result of a call.</summary>
    private sealed record CallResult(string Text)
    {
        public CallFault? Fault { get; private init; }

        /// <summary>The answer that ends the episode; null where it goes on.</summary>
        public string? Answer { get; init; }

        public static CallResult Of(CallFault fault, string problem) => new($"Error: {problem}") { Fault = fault };

        public Turn Turn(string? id)
        {
            var turn = ChatMessages.ToolReply(id, Text);
            return Fault is not { } fault ? turn : turn with
            {
                Members = new OrderedDictionary<string, JsonElement>(
                    turn.Members)
                { [CallFaults.Member] = JsonSerializer.SerializeToElement(fault.Name()) },
            };
        }
    }
}
