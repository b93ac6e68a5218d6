using System.Threading.Channels;
using Rebound.Models.Generation;

namespace Rebound.Inference;

/// <summary>A request on its way through the batch: tokens arrive as they are chosen.</summary>
internal sealed class PendingAnswer(int[] prompt, Guidance? guidance, GenerationOptions options, CancellationToken cancellation)
{
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>Tokens that are read for it.</summary>
    public int InputTokens => prompt.Length + (guidance?.Opposite.Length ?? 0);

    public bool IsGivenUp => cancellation.IsCancellationRequested;

    public int Join(GenerationBatch batch) => batch.Add(prompt, options, guidance: guidance);

    public void Take(GenerationEvent step)
    {
        _events.Writer.TryWrite(step);
        if (step.Finish is not null)
        {
            _events.Writer.TryComplete();
        }
    }

    public void Fail(Exception problem) => _events.Writer.TryComplete(problem);

    public IAsyncEnumerable<GenerationEvent> EventsAsync() => _events.Reader.ReadAllAsync(cancellation);
}
