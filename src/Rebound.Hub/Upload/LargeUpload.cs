using System.Net;
using System.Text.Json.Nodes;
using Rebound.Hub.Transfer;

namespace Rebound.Hub.Upload;

/// <summary>Sends large contents to the hub's storage, several at a time, in the parts that the hub asks for.</summary>
/// <param name="told">Is told of bytes that were sent, from any thread; negative for those that have to be sent again.</param>
internal sealed class LargeUpload(
    HubClient client, HubOptions options, HubReference model, HubRepository repository, Action<long> told) : IDisposable
{
    /// <summary>How often the hub is asked for new addresses, where those that it gave are taken no more.</summary>
    private const int MostRounds = 3;

    private static readonly Dictionary<string, string> Nothing = [];

    private readonly SemaphoreSlim _connections = new(options.Connections);

    /// <summary>Sends a content, from where an earlier push ended.</summary>
    /// <param name="action">How the hub asks for it.</param>
    /// <exception cref="HubException">It is refused, or changed meanwhile.</exception>
    public async Task RunAsync(SummedFile file, UploadAction action, CancellationToken cancellation)
    {
        var journal = new UploadJournal(options.Uploads, options.Endpoint, model, file);
        var (current, marks) = journal.Find() ?? (action, new string?[action.Parts.Count]);
        for (var round = 1; ; round++)
        {
            using var sent = new SentBytes(told);
            try
            {
                await SendAsync(file, current, marks, journal, sent, cancellation);
                journal.Forget();
                sent.Keep();
                return;
            }
            catch (ExpiredException e)
            {
                journal.Forget();
                if (round == MostRounds)
                {
                    throw new HubException(
                        $"{file.Path} could not be uploaded to {client.Host}: {e.Message}. The next push tries again.", e);
                }

                if (await repository.ActionAsync(file, cancellation) is not { } renewed)
                {
                    // All had arrived, though it did not seem so.
                    sent.Fill(file.Size);
                    return;
                }

                marks = e is MismatchException || !renewed.Continues(current) ? new string?[renewed.Parts.Count] : marks;
                current = renewed;
            }
        }
    }

    public void Dispose() => _connections.Dispose();

    private async Task SendAsync(
        SummedFile file, UploadAction action, string?[] marks, UploadJournal journal, SentBytes sent, CancellationToken cancellation)
    {
        if (action.Parts.Count == 0)
        {
            await PutAsync(file, action.Target, action.Headers, 0, file.Size, isPart: false, sent, cancellation);
        }
        else
        {
            await SendPartsAsync(file, action, marks, journal, sent, cancellation);
            var parts = new JsonArray([.. marks.Select((mark, i) => new JsonObject { ["partNumber"] = i + 1, ["etag"] = mark })]);
            await TellAsync(
                file, action.Target, Nothing, new JsonObject { ["oid"] = file.Sha256, ["parts"] = parts }, "to put the parts together",
                cancellation);
        }

        file.CheckUnchanged();
        if (action.Verify is { } verify)
        {
            await TellAsync(
                file, verify, action.VerifyHeaders, new JsonObject { ["oid"] = file.Sha256, ["size"] = file.Size }, "the content",
                cancellation);
        }
    }

    private async Task SendPartsAsync(
        SummedFile file, UploadAction action, string?[] marks, UploadJournal journal, SentBytes sent, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = new Lock();
        await Together.RunAsync(action.Parts.Select((part, i) => (part, i)), stop, async item =>
        {
            var start = item.i * action.PartBytes;
            var length = Math.Min(action.PartBytes, file.Size - start);
            if (marks[item.i] is not null)
            {
                sent.Add(length);
                return;
            }

            var mark = await PutAsync(file, item.part, Nothing, start, length, isPart: true, sent, stop.Token);
            lock (writing)
            {
                marks[item.i] = mark;
                journal.Write(action, marks);
            }
        });
    }

    /// <returns>The mark that the storage gives to what it took; empty for a whole content without one.</returns>
    private async Task<string> PutAsync(
        SummedFile file, Uri target, IReadOnlyDictionary<string, string> headers, long start, long length, bool isPart, SentBytes sent,
        CancellationToken cancellation)
    {
        await _connections.WaitAsync(cancellation);
        try
        {
            return await client.TryAsync(file.Path, async () =>
            {
                using var attempt = new SentBytes(sent.Add);
                using var response = await client.SendAsync(
                    new HubRequest(HttpMethod.Put, target)
                    {
                        Headers = headers,
                        Content = () => new SliceContent(file.File, start, length, attempt.Add),
                    },
                    cancellation);
                if (!response.IsSuccessStatusCode)
                {
                    throw await RefusalAsync(file, target, response, cancellation);
                }

                var mark = response.Headers.TryGetValues("ETag", out var marks) ? marks.First() : "";
                if (isPart && mark.Length == 0)
                {
                    throw new PassingFailure("it took a part and gave it no mark (ETag)");
                }

                attempt.Keep();
                return mark;
            }, cancellation);
        }
        finally
        {
            _connections.Release();
        }
    }

    private async Task<Exception> RefusalAsync(SummedFile file, Uri target, HttpResponseMessage response, CancellationToken cancellation)
    {
        file.CheckUnchanged();
        var reason = await HubRefusal.ReasonAsync(response, options.Token, cancellation);
        return (response.StatusCode, reason) switch
        {
            (HttpStatusCode.BadRequest, "RequestTimeout") => new PassingFailure("it waited in vain for the next bytes"),
            (HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound
                or HttpStatusCode.Gone, _) => new ExpiredException(
                    $"{target.Host} answers {(int)response.StatusCode}{(reason.Length > 0 ? $", {reason.TrimEnd('.')}" : "")}"),
            _ => new HubException(
                $"{target.Host} refuses {file.Path} ({(int)response.StatusCode}).{HubRefusal.Said(reason)}"),
        };
    }

    /// <summary>Tells the hub that all was sent, so that it looks at what arrived.</summary>
    private async Task TellAsync(
        SummedFile file, Uri target, IReadOnlyDictionary<string, string> headers, JsonObject content, string subject,
        CancellationToken cancellation)
    {
        using var response = await client.TryAsync(
            file.Path, () => client.PostAsync(target, content.ToJsonString(), HubRepository.LargeFiles, headers, cancellation),
            cancellation);
        if (!response.IsSuccessStatusCode)
        {
            file.CheckUnchanged();
            var reason = await HubRefusal.ReasonAsync(response, options.Token, cancellation);
            throw new MismatchException(
                $"{target.Host} refuses {subject} ({(int)response.StatusCode}{(reason.Length > 0 ? $", {reason.TrimEnd('.')}" : "")})");
        }
    }
}
