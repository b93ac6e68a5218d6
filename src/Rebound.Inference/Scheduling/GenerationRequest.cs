using System.Threading.Channels;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Text;

namespace Rebound.Inference.Scheduling;

/// <summary>A request on its way through an <see cref="EngineLoop"/>: tokens arrive as they are chosen.</summary>
/// <param name="prompt">Token ids, at least one.</param>
/// <param name="guidance">Null for the prompt's own logits.</param>
/// <param name="cancellation">Lets it leave the scheduler before the next step.</param>
public sealed class GenerationRequest(int[] prompt, Guidance? guidance, GenerationOptions options, CancellationToken cancellation)
{
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private volatile bool _isCancelled;

    /// <summary>With the seed it determines the draws: several answers to one prompt have one each.</summary>
    public ulong Stream { get; init; }

    /// <summary>One that was attached to the engine's scheduler; null for the scheduler's own.</summary>
    public LlamaModel? Model { get; init; }

    /// <summary>Of <see cref="Model"/>; null for the scheduler's own.</summary>
    public Tokenizer? Tokenizer { get; init; }

    /// <summary>Tokens that are read for it.</summary>
    public int InputTokens => prompt.Length + (guidance?.Opposite.Length ?? 0);

    internal bool IsCancelled => _isCancelled || cancellation.IsCancellationRequested;

    /// <summary>The tokens as they come, to be read once.</summary>
    /// <exception cref="Rebound.Trajectories.Chat.ModelException">
    /// It cannot be generated, with the <see cref="ArgumentException"/> that says why within; or the model failed, or was closed.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IAsyncEnumerable<GenerationEvent> EventsAsync() => _events.Reader.ReadAllAsync(cancellation);

    /// <summary>Nobody reads on: it leaves the scheduler before the next step, if it is not whole.</summary>
    public void Cancel() => _isCancelled = true;

    /// <returns>The sequence's number.</returns>
    /// <exception cref="ArgumentException">The request cannot be generated.</exception>
    internal int Join(Scheduler scheduler) => scheduler.Add(prompt, options, Stream, guidance, Model, Tokenizer);

    internal void Publish(GenerationEvent step)
    {
        _events.Writer.TryWrite(step);
        if (step.Finish is not null)
        {
            _events.Writer.TryComplete();
        }
    }

    internal void Fail(Exception problem) => _events.Writer.TryComplete(problem);
}
