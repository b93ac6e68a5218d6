using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Http;
using Rebound.Server.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.OpenAi;

/// <summary>Answers a request whole, or as a stream.</summary>
internal static class AnswerStream
{
    /// <param name="prepare">Makes of the request what the engine generates from.</param>
    /// <returns>The answers, which have been written.</returns>
    /// <exception cref="ApiException">It cannot be answered, and nothing has been written.</exception>
    public static async Task<AnswerRun?> RunAsync(
        HttpContext context, RequestScope scope, GenerationMembers request, Func<IReadOnlyList<PreparedAnswer>> prepare,
        Func<IReadOnlyList<PreparedAnswer>, IAnswerWriter> writerOf)
    {
        var events = new EventStream(context);
        IAnswerWriter? writer = null;
        try
        {
            var asked = prepare();
            writer = writerOf(asked);
            var run = new AnswerRun(asked, scope.Models.Engine, scope.Ends);
            scope.Telemetry.Begin(run);
            if (request.Stream != true)
            {
                await foreach (var (choice, delta) in run.DeltasAsync(scope.Ends))
                {
                    Count(scope, choice, delta);
                }

                await Responses.WriteAsync(context, output => writer.WriteWhole(output, run));
                return run;
            }

            await StreamAsync(scope, request.StreamOptions, writer, run, events);
            return run;
        }
        catch (Exception e)
        {
            var error = scope.Explain(e);
            scope.Telemetry.Fail(error?.Type);
            if (events.HasBegun && error?.Status >= StatusCodes.Status500InternalServerError)
            {
                scope.Note($"A stream of {scope.ModelName} ended: {e.Message}");
            }

            if (error is null)
            {
                return null;
            }

            if (!events.HasBegun)
            {
                ExceptionDispatchInfo.Throw(error);
            }

            writer!.AddError(events, error);
            await events.SendAsync();
            return null;
        }
    }

    private static async Task StreamAsync(
        RequestScope scope, StreamOptions? options, IAnswerWriter writer, AnswerRun run, EventStream events)
    {
        await using var deltas = run.DeltasAsync(scope.Ends).GetAsyncEnumerator(scope.Ends);
        while (await NextAsync(deltas.MoveNextAsync(), events))
        {
            var (choice, delta) = deltas.Current;
            Count(scope, choice, delta);
            writer.Add(events, choice, delta, options?.ContinuousUsageStats == true ? run.Usage : null);
        }

        if (options?.IncludeUsage == true)
        {
            writer.AddUsage(events, run.Usage);
        }

        writer.AddEnd(events, run);
        await events.SendAsync();
    }

    private static void Count(RequestScope scope, int choice, ChoiceDelta delta)
    {
        if (delta.Steps.Count > 0)
        {
            scope.Telemetry.Token(choice);
        }
    }

    /// <summary>Waits for the next token, and meanwhile sends what there is: tokens that are there already go out together.</summary>
    private static ValueTask<bool> NextAsync(ValueTask<bool> next, EventStream events)
    {
        if (next.IsCompleted)
        {
            return next;
        }

        var sent = events.SendAsync();
        return sent.IsCompletedSuccessfully ? next : BothAsync(sent, next);
    }

    private static async ValueTask<bool> BothAsync(Task sent, ValueTask<bool> next)
    {
        try
        {
            await sent;
        }
        catch
        {
            // What is being waited for has to end before it can be let go of.
            await Task.WhenAny(next.AsTask());
            throw;
        }

        return await next;
    }
}
