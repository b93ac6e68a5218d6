using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Text;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Inference.Chat;

/// <summary>
/// A local checkpoint as a chat model. Requests go to one scheduler, which each joins on arrival and leaves when its turn is
/// complete; an answer is a function of the turns, the options and their seed, and independent of other requests.
/// </summary>
public sealed class LocalChatModel : IChatClient, IGuidableModel
{
    private readonly ChatProfile _asked;
    private readonly Tokenizer _tokenizer;
    private readonly AnswerForms _forms;
    private readonly EngineLoop _engine;
    private readonly LlamaModel? _beside;

    /// <param name="model">Used by this one until it is disposed; not owned.</param>
    /// <param name="maxSequences">Most answers at a time; others wait.</param>
    public LocalChatModel(LlamaModel model, Tokenizer tokenizer, ChatProfile asked, int maxSequences)
    {
        (_asked, _tokenizer, _forms) = (asked, tokenizer, new AnswerForms(tokenizer));
        _engine = new EngineLoop(new Scheduler(model, tokenizer, new SchedulerOptions { MaxSequences = maxSequences }));
    }

    /// <summary>A model on an engine that others use, too; nothing of it is owned, and it need not be disposed of.</summary>
    /// <param name="model">The scheduler's own, or one that was attached to it.</param>
    /// <param name="forms">Of the tokenizer.</param>
    public LocalChatModel(EngineLoop engine, LlamaModel model, Tokenizer tokenizer, ChatProfile asked, AnswerForms forms) =>
        (_engine, _beside, _tokenizer, _asked, _forms) = (engine, model, tokenizer, asked, forms);

    /// <exception cref="ModelException">The conversation is too long for the model, or cannot be put to it.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        AnswerAsync(Submit(Turns(messages), opposite: null, weight: 0, options, cancellationToken));

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Submit(Turns(messages), opposite: null, weight: 0, options, cancellationToken), cancellationToken);

    /// <summary>Tokens whose keys and values the cache has room for.</summary>
    public int CacheTokens => _engine.CacheTokens;

    /// <summary>Bytes of the cache.</summary>
    public long CacheBytes => _engine.CacheBytes;

    /// <summary>Tokens that were found in the cache so far and did not have to be computed.</summary>
    public long ReusedTokens => _engine.ReusedTokens;

    /// <summary>
    /// This model as it answers under guidance: every turn is drawn away from what the model would say if the conversation had
    /// begun otherwise (<see cref="Guidance"/>). Both are decoded in the same batch.
    /// </summary>
    /// <param name="prompt">How many of the first messages are the prompt.</param>
    /// <param name="opposite">The turns in their place in the conversation to keep away from.</param>
    /// <param name="weight">w of logits = p + w·(p − n).</param>
    public IChatClient Guided(int prompt, IReadOnlyList<Turn> opposite, float weight) =>
        new GuidedChatModel(this, prompt, opposite, weight);

    /// <summary>Ends work that has no more point: the model computes no numbers that tokens could be chosen by.</summary>
    /// <exception cref="NotFiniteException">An answer came to that.</exception>
    public void ThrowIfBroken()
    {
        if (_engine.Broken is { } problem)
        {
            throw new NotFiniteException(problem.Message, problem);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        if (_beside is null)
        {
            _engine.Dispose();
        }
    }

    internal static Turn[] Turns(IEnumerable<ChatMessage> messages) => [.. messages.SelectMany(ChatMessages.ToTurns)];

    internal ChatAnswer Submit(
        IReadOnlyList<Turn> turns, IReadOnlyList<Turn>? opposite, float weight, ChatOptions? options, CancellationToken cancellation)
    {
        var request = RequestOptions.Read(options, _asked, _forms);
        JsonElement? tools = options is { Tools.Count: > 0, ToolMode: not NoneChatToolMode } ? ToolSchemas.Of(options.Tools) : null;
        var prompt = _asked.Encode(turns, tools);
        var opensReasoning = _asked.OpensReasoning(prompt, _tokenizer);
        if (request.Constraint is not null && opensReasoning)
        {
            throw new NotSupportedException(
                "An answer of a given format, or a call that is required, cannot begin with reasoning, which this prompt opens; "
                    + "ask without reasoning.");
        }

        var guidance = opposite is null ? null : new Guidance(_asked.Encode(opposite, tools), weight);
        var isCalls = RequestOptions.IsCalls(options);
        var callable = request.Constraint is null || isCalls ? tools : null;
        var reader = new AnswerReader(_asked.Syntax, callable, opensReasoning, callsBefore: turns.Sum(turn => turn.ToolCalls.Count))
        {
            IsCalls = isCalls,
            StopsAfterOneCall = RequestOptions.StopsAfterOneCall(options),
        };
        var generation = new GenerationRequest(prompt, guidance, request, cancellation)
        {
            Model = _beside,
            Tokenizer = _beside is null ? null : _tokenizer,
        };
        _engine.Submit(generation);
        return new ChatAnswer(generation, reader, _tokenizer.Fingerprint);
    }

    internal static async Task<ChatResponse> AnswerAsync(ChatAnswer answer)
    {
        var (contents, steps) = (new List<AIContent>(), new List<GenerationEvent>());
        await foreach (var step in answer.Request.EventsAsync())
        {
            contents.AddRange(answer.Reader.Read(step));
            steps.Add(step);
            if (answer.Reader.IsDone)
            {
                answer.Request.Cancel();
                break;
            }
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. AnswerReader.Joined(contents), answer.Tokens(steps)]))
        {
            FinishReason = answer.Reader.Reason(steps[^1].Finish),
            Usage = new UsageDetails
            {
                InputTokenCount = answer.Request.InputTokens,
                OutputTokenCount = steps.Count,
                TotalTokenCount = answer.Request.InputTokens + steps.Count,
                CachedInputTokenCount = steps[0].ReusedTokens,
            },
        };
    }

    /// <summary>
    /// The answer as it is written: whole characters, and nothing that may be the beginning of a stop string. Every update counts
    /// its tokens, so that those of an answer that nobody reads to its end are known too.
    /// </summary>
    internal static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        ChatAnswer answer, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            var read = answer.Request.InputTokens;
            await foreach (var step in answer.Request.EventsAsync().WithCancellation(cancellation))
            {
                var usage = new UsageDetails
                {
                    InputTokenCount = read,
                    OutputTokenCount = 1,
                    TotalTokenCount = read + 1,
                    CachedInputTokenCount = read > 0 ? step.ReusedTokens : 0,
                };
                read = 0;
                AIContent[] contents = [.. answer.Reader.Read(step), answer.Tokens(step), new UsageContent(usage)];
                yield return new ChatResponseUpdate(ChatRole.Assistant, contents)
                {
                    FinishReason = answer.Reader.Reason(step.Finish),
                };
                if (answer.Reader.IsDone)
                {
                    yield break;
                }
            }
        }
        finally
        {
            answer.Request.Cancel();
        }
    }
}
