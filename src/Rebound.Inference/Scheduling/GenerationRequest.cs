using System.Threading.Channels;
using Rebound.Inference.Generation;

namespace Rebound.Inference.Scheduling;

/// <summary>A request on its way through an <see cref="EngineLoop"/>: tokens arrive as they are chosen.</summary>
internal sealed class GenerationRequest(int[] prompt, Guidance? guidance, GenerationOptions options, CancellationToken cancellation)
{
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private volatile bool _isCancelled;

    /// <summary>Tokens that are read for it.</summary>
    public int InputTokens => prompt.Length + (guidance?.Opposite.Length ?? 0);

    public bool IsCancelled => _isCancelled || cancellation.IsCancellationRequested;

    /// <summary>The tokens as they come.</summary>
    /// <exception cref="Exception">What <see cref="Fail"/> was given.</exception>
    public IAsyncEnumerable<GenerationEvent> EventsAsync() => _events.Reader.ReadAllAsync(cancellation);

    /// <summary>Nobody reads on: it leaves the scheduler before the next step, if it is not whole.</summary>
    public void Cancel() => _isCancelled = true;

    /// <returns>The sequence's number.</returns>
    /// <exception cref="ArgumentException">The request cannot be generated.</exception>
    public int Join(Scheduler scheduler) => scheduler.Add(prompt, options, guidance: guidance);

    public void Publish(GenerationEvent step)
    {
        _events.Writer.TryWrite(step);
        if (step.Finish is not null)
        {
            _events.Writer.TryComplete();
        }
    }

    public void Fail(Exception problem) => _events.Writer.TryComplete(problem);
}
