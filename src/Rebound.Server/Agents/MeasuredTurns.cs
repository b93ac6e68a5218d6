using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Rebound.Server.OpenAi;
using Rebound.Server.Serving;
using Rebound.Trajectories.Chat;

namespace Rebound.Server.Agents;

/// <summary>The model of an agent, each of whose turns is measured as an answer of its own, within the agent's request.</summary>
internal sealed class MeasuredTurns(IChatClient model, RequestScope scope) : DelegatingChatClient(model), IGuidableModel
{
    /// <summary>Tokens of all turns so far.</summary>
    public Usage Usage { get; private set; }

    /// <summary>Why the model could not be asked; null where it could.</summary>
    public Exception? Failure { get; private set; }

    public IChatClient Guided(int prompt, IReadOnlyList<Rebound.Trajectories.Turn> opposite, float weight) =>
        new Measured(InnerClient.GetRequiredService<IGuidableModel>().Guided(prompt, opposite, weight), this);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(InnerClient, messages, options, cancellationToken);

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IChatClient asked, IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var telemetry = scope.Telemetry.Step("chat", scope.ModelName);
        var turn = new TurnCount();
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        try
        {
            while (await NextAsync())
            {
                var update = updates!.Current;
                foreach (var used in update.Contents.OfType<UsageContent>())
                {
                    turn.Add(used.Details, update.FinishReason);
                    Usage += TurnCount.Of(used.Details);
                    if (turn.Usage.Completion == 1)
                    {
                        telemetry.Begin(turn);
                    }

                    telemetry.Token(0);
                }

                yield return update;
            }
        }
        finally
        {
            if (updates is not null)
            {
                await updates.DisposeAsync();
            }
        }

        async ValueTask<bool> NextAsync()
        {
            try
            {
                updates ??= asked.GetStreamingResponseAsync(messages, options, cancellation).GetAsyncEnumerator(cancellation);
                return await updates.MoveNextAsync();
            }
            catch (Exception e)
            {
                Failure = e;
                telemetry.Fail(scope.Explain(e)?.Type);
                throw;
            }
        }
    }

    /// <summary>The same model under guidance.</summary>
    private sealed class Measured(IChatClient model, MeasuredTurns turns) : DelegatingChatClient(model)
    {
        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            turns.StreamAsync(InnerClient, messages, options, cancellationToken);
    }
}
