using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Extensions.AI;

/// <summary>
/// A model that is computed in this process as a chat client, asked as <c>rebound serve</c> asks it: under the condition of success of
/// its agent card, or under the one that <see cref="ChatOptions.ModelId"/> names behind a colon. Requests that run at the same time are
/// generated in one batch; an answer is a function of its messages, options and seed, and independent of other requests.
/// </summary>
public sealed class ReboundChatClient : IChatClient
{
    private readonly Backend _backend;
    private readonly ServedModels _models;
    private readonly SeedSequence _seeds;
    private readonly TimeProvider _clock;
    private bool _isDisposed;

    private ReboundChatClient(Backend backend, ServedModels models, ReboundChatClientOptions options) =>
        (_backend, _models, _seeds, _clock) = (backend, models, new SeedSequence(options.Seed), options.Clock);

    /// <summary>Reads a model into memory.</summary>
    /// <param name="model">A Hugging Face folder, a .gguf file, or an adapter with the model that it was trained on.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="CheckpointException">It is no model that can be read, or an adapter is one of another model.</exception>
    /// <exception cref="ArgumentException">Two models would have the same name.</exception>
    public static ReboundChatClient Open(string model, ReboundChatClientOptions? options = null)
    {
        options ??= new ReboundChatClientOptions();
        var backend = options.Device?.Invoke() ?? BestDevice();
        try
        {
            var models = ServedModels.Load(model, options.Adapters, backend, new ServedModelsOptions
            {
                Name = options.Name,
                MaxSequences = options.MaxSequences ?? ServedModelsOptions.UsualSequences(backend),
                CacheTokens = options.CacheTokens,
                Clock = options.Clock,
            });
            return new ReboundChatClient(backend, models, options);
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    /// <exception cref="ArgumentException">The request is none that the model can be asked.</exception>
    /// <exception cref="NotSupportedException">One of its options or contents cannot be kept to; the message names it.</exception>
    /// <exception cref="ModelException">The conversation is too long, an option is out of its range, or the model failed.</exception>
    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var asked = Begin(messages, options);
        var response = await asked.Client.GetResponseAsync(asked.Messages, asked.Options, cancellationToken);
        var (contents, id) = (asked.Contents(), NewId());
        var answer = new ChatMessage(ChatRole.Assistant, contents.Take(response.Messages[0].Contents)) { MessageId = id };
        return new ChatResponse(answer)
        {
            ResponseId = id,
            ModelId = options?.ModelId ?? _models.DefaultName,
            CreatedAt = _clock.GetUtcNow(),
            FinishReason = contents.Reason(response.FinishReason),
            Usage = response.Usage,
        };
    }

    /// <inheritdoc cref="GetResponseAsync"/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var asked = Begin(messages, options);
        var (answer, id, created) = (asked.Contents(), NewId(), _clock.GetUtcNow());
        ChatFinishReason? reason = null;
        var updates = asked.Client.GetStreamingResponseAsync(asked.Messages, asked.Options, cancellationToken);
        await foreach (var update in updates)
        {
            reason = update.FinishReason ?? reason;
            if (answer.Take(update.Contents) is { Count: > 0 } contents)
            {
                yield return Update(contents);
            }
        }

        var last = Update([new UsageContent(answer.Usage)]);
        last.FinishReason = answer.Reason(reason);
        yield return last;

        ChatResponseUpdate Update(IList<AIContent> contents) => new(ChatRole.Assistant, contents)
        {
            ResponseId = id,
            MessageId = id,
            ModelId = options?.ModelId ?? _models.DefaultName,
            CreatedAt = created,
        };
    }

    /// <summary>
    /// The client's <see cref="ChatClientMetadata"/>, the <see cref="ServedModels"/> that it asks, whose adapters may change while it
    /// answers, and the <see cref="AgentCard"/> of the model that is asked by default.
    /// </summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("rebound", defaultModelId: _models.DefaultName)
            : serviceType == typeof(ServedModels) ? _models
            : serviceType == typeof(AgentCard) ? _models.Default.Profile?.Card
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Frees the model; requests that are not whole fail.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _models.Dispose();
            _backend.Dispose();
        }
    }

    private static Backend BestDevice()
    {
        try
        {
            return new CudaBackend();
        }
        catch (Exception e) when (e is PlatformNotSupportedException or CudaException)
        {
            return new CpuBackend();
        }
    }

    private static string NewId() => $"rebound-{Guid.NewGuid():N}";

    private AskedChat Begin(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return AskedChat.Begin(_models, _seeds, messages, options);
    }
}
