using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Models;
using Rebound.Models;
using Rebound.Models.Generation;
using Rebound.Text;
using Rebound.Trajectories;

namespace Rebound.Inference;

/// <summary>
/// A checkpoint as a chat model. Requests of many conversations are generated in one batch, which each joins when it comes and
/// leaves when its turn is whole; an answer is a function of the turns, the options and their seed, not of what else is asked.
/// </summary>
public sealed class LocalChatModel : IChatClient, IGuidableModel
{
    /// <summary>Room for each sequence on average; a longer one takes that of others.</summary>
    private const int TokensPerSequence = 2048;

    private readonly AskedModel _asked;
    private readonly BatchWorker _worker;

    /// <param name="model">Used by this one until it is disposed; not owned.</param>
    /// <param name="maxSequences">Most answers at a time; others wait.</param>
    public LocalChatModel(LlamaModel model, Tokenizer tokenizer, AskedModel asked, int maxSequences)
    {
        _asked = asked;
        var context = model.Config.ContextLength;

        // Room for two sequences at the least: under guidance an answer is two.
        var cacheTokens = (int)Math.Min(int.MaxValue, Math.Max(context, (long)Math.Max(2, maxSequences) * Math.Min(context, TokensPerSequence)));
        _worker = new BatchWorker(new GenerationBatch(model, tokenizer, maxSequences, cacheTokens));
    }

    /// <exception cref="ModelException">The conversation is too long for the model, or cannot be put to it.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        AnswerAsync(Submit(Turns(messages), opposite: null, weight: 0, options, cancellationToken));

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Submit(Turns(messages), opposite: null, weight: 0, options, cancellationToken), cancellationToken);

    /// <summary>
    /// This model as it answers under guidance: every turn is drawn away from what the model would say if the conversation had
    /// begun otherwise (<see cref="Guidance"/>). Both are decoded in the same batch.
    /// </summary>
    /// <param name="prompt">How many of the first messages are the prompt.</param>
    /// <param name="opposite">What stands in their place in the conversation to keep away from.</param>
    /// <param name="weight">w of logits = p + w·(p − n).</param>
    public IChatClient Guided(int prompt, IReadOnlyList<Turn> opposite, float weight) => new GuidedChatModel(this, prompt, opposite, weight);

    /// <summary>Ends work that has no more point: the model computes no numbers that tokens could be chosen by.</summary>
    /// <exception cref="NotFiniteException">An answer came to that.</exception>
    public void ThrowIfBroken()
    {
        if (_worker.Broken is { } problem)
        {
            throw new NotFiniteException(problem.Message, problem);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => _worker.Dispose();

    internal static Turn[] Turns(IEnumerable<ChatMessage> messages) => [.. messages.Select(ChatMessages.ToTurn)];

    internal PendingAnswer Submit(
        IReadOnlyList<Turn> turns, IReadOnlyList<Turn>? opposite, float weight, ChatOptions? options, CancellationToken cancellation)
    {
        var guidance = opposite is null ? null : new Guidance(_asked.Encode(opposite), weight);
        var answer = new PendingAnswer(_asked.Encode(turns), guidance, RequestOptions.Read(options, _asked), cancellation);
        _worker.Submit(answer);
        return answer;
    }

    internal static async Task<ChatResponse> AnswerAsync(PendingAnswer answer)
    {
        var (text, tokens, finish) = (new StringBuilder(), 0, default(FinishReason?));
        await foreach (var step in answer.EventsAsync())
        {
            text.Append(step.Text);
            tokens++;
            finish = step.Finish;
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text.ToString()))
        {
            FinishReason = Reason(finish),
            Usage = new UsageDetails
            {
                InputTokenCount = answer.InputTokens,
                OutputTokenCount = tokens,
                TotalTokenCount = answer.InputTokens + tokens,
            },
        };
    }

    /// <summary>
    /// The answer as it is written: whole characters, and nothing that may be the beginning of a stop string. Every update counts
    /// its tokens, so that those of an answer that nobody reads to its end are known too.
    /// </summary>
    internal static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        PendingAnswer answer, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            var read = answer.InputTokens;
            await foreach (var step in answer.EventsAsync().WithCancellation(cancellation))
            {
                var usage = new UsageDetails { InputTokenCount = read, OutputTokenCount = 1, TotalTokenCount = read + 1 };
                read = 0;
                yield return new ChatResponseUpdate(ChatRole.Assistant, step.Text.Length > 0 ? [new TextContent(step.Text), new UsageContent(usage)] : [new UsageContent(usage)])
                {
                    FinishReason = Reason(step.Finish),
                };
            }
        }
        finally
        {
            answer.Leave();
        }
    }

    private static ChatFinishReason? Reason(FinishReason? finish) => finish switch
    {
        null => null,
        FinishReason.StopToken or FinishReason.StopString => ChatFinishReason.Stop,
        _ => ChatFinishReason.Length,
    };
}
