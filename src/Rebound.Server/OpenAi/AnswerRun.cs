using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Server.Telemetry;

namespace Rebound.Server.OpenAi;

/// <summary>The answers to some prepared requests while they are generated, token by token and in any order.</summary>
internal sealed class AnswerRun : IMeasured
{
    private readonly (PreparedAnswer Asked, GenerationRequest Request, ChoiceReader Reader)[] _choices;

    /// <param name="asked">Of one model; each has as many answers as it says.</param>
    public AnswerRun(IReadOnlyList<PreparedAnswer> asked, EngineLoop engine, CancellationToken cancellation)
    {
        _choices =
        [
            .. asked.SelectMany(prepared => Enumerable.Range(0, prepared.Count).Select(index =>
                (prepared, prepared.Request(index, cancellation), prepared.Reader()))),
        ];
        foreach (var choice in _choices)
        {
            engine.Submit(choice.Request);
        }
    }

    /// <summary>The answers, those to the first prompt first.</summary>
    public IReadOnlyList<ChoiceReader> Choices => [.. _choices.Select(choice => choice.Reader)];

    public IEnumerable<(string? Finish, int Tokens)> Answers =>
        _choices.Select(choice => (choice.Reader.Finish, choice.Reader.Tokens));

    public Usage Usage => new(
        _choices.Select(choice => choice.Asked).Distinct().Sum(asked => asked.PromptTokens),
        _choices.GroupBy(choice => choice.Asked).Sum(group => group.First().Reader.ReusedTokens),
        _choices.Sum(choice => choice.Reader.Tokens));

    /// <summary>The scores of the tokens of an answer's prompt from the second one on, once the first answer to it has begun.</summary>
    public IReadOnlyList<ScoredToken> Prompt(int choice) => _choices[choice - (choice % _choices[choice].Asked.Count)].Reader.Prompt;

    /// <summary>The part of each token, with the answer's number.</summary>
    public IAsyncEnumerable<(int Choice, ChoiceDelta Delta)> DeltasAsync(CancellationToken cancellation) =>
        _choices.Length == 1 ? OneAsync(0, cancellation) : AllAsync(cancellation);

    private async IAsyncEnumerable<(int Choice, ChoiceDelta Delta)> OneAsync(
        int index, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (_, request, reader) = _choices[index];
        try
        {
            await foreach (var step in request.EventsAsync().WithCancellation(cancellation))
            {
                yield return (index, reader.Read(step));
                if (reader.Finish is not null)
                {
                    yield break;
                }
            }
        }
        finally
        {
            request.Cancel();
        }
    }

    private async IAsyncEnumerable<(int Choice, ChoiceDelta Delta)> AllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var merged = Channel.CreateUnbounded<(int, ChoiceDelta)>(new UnboundedChannelOptions { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pumps = Task.WhenAll(Enumerable.Range(0, _choices.Length).Select(PumpAsync));
        _ = pumps.ContinueWith(
            ended => merged.Writer.TryComplete(ended.Exception?.InnerException), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var delta in merged.Reader.ReadAllAsync(cancellation))
            {
                yield return delta;
            }
        }
        finally
        {
            await stop.CancelAsync();
            Array.ForEach(_choices, choice => choice.Request.Cancel());
        }

        async Task PumpAsync(int index)
        {
            await foreach (var delta in OneAsync(index, stop.Token))
            {
                merged.Writer.TryWrite(delta);
            }
        }
    }
}
