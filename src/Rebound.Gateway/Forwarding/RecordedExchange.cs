using Rebound.Gateway.Keeping;
using Rebound.Gateway.Protocols;

namespace Rebound.Gateway.Forwarding;

/// <summary>
/// A request for an answer on its way through the gateway, with copies of both bodies. The request is read while the upstream thinks, and
/// the answer is in the journal before its last bytes go to the client. Whatever fails here is counted, and nothing of it reaches the
/// client.
/// </summary>
/// <param name="scope">The name that the client gives the conversation; null for none.</param>
/// <param name="reward">The outcome that the client tells with the request; null for none.</param>
internal sealed class RecordedExchange(
    IRecordedProtocol protocol, ConversationStore store, Counting counts, GatewayOptions options, string requestEncoding, string? scope,
    double? reward)
{
    private const int LongestExcerpt = 60;

    private readonly BodyCopy _request = new(options.MaxRecordedBytes);
    private double? _reward = reward;
    private Task<Claim>? _claiming;
    private AnswerCopy? _answer;
    private bool _isOver;

    /// <summary>Takes what is read of the request; nothing at its end.</summary>
    public ValueTask TakeRequest(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            _claiming ??= Task.Run(() => store.Begin(protocol.ReadRequest(_request.ReadObject(requestEncoding)), scope));
        }
        else
        {
            _request.Add(bytes.Span);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The upstream begins to answer.</summary>
    /// <param name="reward">The outcome that the upstream tells; null for none.</param>
    /// <returns>The conversation's id; null where it is not known.</returns>
    public async Task<string?> BeginAnswerAsync(HttpResponseMessage response, double? reward)
    {
        if (!response.IsSuccessStatusCode)
        {
            End(counts.Failed, $"the upstream answered {(int)response.StatusCode}");
            return null;
        }

        var headers = response.Content.Headers;
        _reward = reward ?? _reward;
        _answer = new AnswerCopy(
            protocol, headers.ContentType?.MediaType, string.Join(',', headers.ContentEncoding), headers.ContentLength,
            options.MaxRecordedBytes);
        if (_claiming is null)
        {
            return null;
        }

        await ((Task)_claiming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _claiming.IsCompletedSuccessfully ? _claiming.Result.Conversation : null;
    }

    /// <summary>Takes what is about to go to the client.</summary>
    public async ValueTask TakeAnswerAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_answer is not null && !_isOver && await _answer.AddAsync(bytes))
        {
            await KeepAsync();
        }
    }

    /// <summary>All has gone to the client, but for the mark of its end.</summary>
    public ValueTask EndAsync() => _answer is null || _isOver ? ReleaseAsync() : KeepAsync();

    /// <summary>The client left, or the upstream broke off.</summary>
    public async ValueTask BreakAsync(string reason)
    {
        if (!_isOver)
        {
            End(counts.Failed, reason);
        }

        if (_answer is not null)
        {
            await _answer.LetGoAsync();
        }

        await ReleaseAsync();
    }

    private async ValueTask KeepAsync()
    {
        _isOver = true;
        try
        {
            var answered = await _answer!.EndAsync();
            var claim = await (_claiming ?? throw new FormatException("the answer came before the request had ended"));
            store.Keep(claim, answered, _reward, options.Clock.GetUtcNow());
            counts.AddAnswer();
            if (claim.IsNew)
            {
                options.Note?.Invoke(Describe(claim, answered));
            }
        }
        catch (FormatException e)
        {
            Counting.Add(counts.NotRecorded, e.Message);
        }
        catch (UnfinishedException e)
        {
            Counting.Add(counts.Failed, e.Message);
        }
        catch (IOException e)
        {
            Counting.Add(counts.NotRecorded, "the journal could not be written");
            options.Note?.Invoke($"An answer could not be recorded: {e.Message}");
        }
        finally
        {
            await ReleaseAsync();
        }
    }

    private async ValueTask ReleaseAsync()
    {
        if (Interlocked.Exchange(ref _claiming, null) is { } claiming)
        {
            await ((Task)claiming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (claiming.IsCompletedSuccessfully)
            {
                store.Release(claiming.Result);
            }
        }
    }

    private void End(System.Collections.Concurrent.ConcurrentDictionary<string, int> count, string reason)
    {
        _isOver = true;
        Counting.Add(count, reason);
    }

    private static string Describe(Claim claim, Answered answered)
    {
        var asked = claim.Asked.Messages.FirstOrDefault(message => (string?)message["role"] == Trajectories.Roles.User);
        var text = ((string?)asked?["content"] ?? "").ReplaceLineEndings(" ");
        var excerpt = text.Length > LongestExcerpt ? text[..LongestExcerpt] + "…" : text;
        return $"{claim.Conversation}: {answered.Model ?? claim.Asked.Model}, \"{excerpt}\"";
    }
}
