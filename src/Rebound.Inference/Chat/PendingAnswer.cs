using System.Threading.Channels;
using Rebound.Inference.Generation;

namespace Rebound.Inference.Chat;

/// <summary>A request on its way through the batch: tokens arrive as they are chosen.</summary>
/// <param name="reader">Parts what is generated into text, reasoning and calls.</param>
internal sealed class PendingAnswer(int[] prompt, Guidance? guidance, GenerationOptions options, AnswerReader reader, CancellationToken cancellation)
{
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private volatile bool _isLeft;

    public AnswerReader Reader => reader;

    /// <summary>Tokens that are read for it.</summary>
    public int InputTokens => prompt.Length + (guidance?.Opposite.Length ?? 0);

    public bool IsGivenUp => _isLeft || cancellation.IsCancellationRequested;

    public int Join(GenerationBatch batch) => batch.Add(prompt, options, guidance: guidance);

    public void Take(GenerationEvent step)
    {
        _events.Writer.TryWrite(step);
        if (step.Finish is not null)
        {
            _events.Writer.TryComplete();
        }
    }

    /// <summary>Nobody reads on: it leaves the batch at the next step, if it is not whole.</summary>
    public void Leave() => _isLeft = true;

    public void Fail(Exception problem) => _events.Writer.TryComplete(problem);

    public IAsyncEnumerable<GenerationEvent> EventsAsync() => _events.Reader.ReadAllAsync(cancellation);
}
