using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using System.Text;

namespace Rebound.Hub.Transfer;

/// <summary>Asks the hub. Its token goes to the hub's own address, and to no other that an answer leads to.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MostRedirects = 5;
    private const int MostAnswerBytes = 64 << 20;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly HubOptions _options;
    private readonly Direction _direction;
    private readonly HttpClient _http;

    public HubClient(HubOptions options, Direction direction)
    {
        (_options, _direction) = (options, direction);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(30) };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("rebound", "0.1"));
    }

    /// <summary>The hub's host, for messages.</summary>
    public string Host => _options.Endpoint.Host;

    /// <summary>The files of a repository at a branch, a tag or a commit.</summary>
    /// <exception cref="HubException">There is none, it is not open to the token, or the answer cannot be read.</exception>
    public async Task<HubRevision> RevisionAsync(HubReference model, string revision, CancellationToken cancellation) =>
        await TryAsync(model.ToString(), async () =>
        {
            using var response = await AskAsync(RevisionPath(model, revision), cancellation);
            return response.IsSuccessStatusCode ? RevisionAnswer.Read(await BytesAsync(response, cancellation), model)
                : throw HubRefusal.OfReading(response, model, _options);
        }, cancellation);

    /// <summary>The answer to whether a repository is there at a branch: the same, whatever it is.</summary>
    public Task<HttpResponseMessage> FindAsync(HubReference model, string revision, CancellationToken cancellation) =>
        AskAsync(RevisionPath(model, revision), cancellation);

    /// <summary>Begins to download a file, or a range of it.</summary>
    /// <exception cref="HubException">It is not there, or not open to the token.</exception>
    public async Task<HttpResponseMessage> OpenAsync(
        HubReference model, string commit, HubFile file, RangeHeaderValue? range, CancellationToken cancellation)
    {
        var path = $"{model.Repository}/resolve/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}";
        var response = await SendAsync(new HubRequest(HttpMethod.Get, AddressOf(path)) { Range = range }, cancellation);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw HubRefusal.OfReading(response, model, _options);
        }
    }

    /// <summary>An address of the hub.</summary>
    public Uri AddressOf(string path) => new($"{_options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    /// <summary>Sends JSON to the hub.</summary>
    /// <returns>The answer, whatever it is, but one after which trying again may help.</returns>
    /// <exception cref="PassingFailure">The hub is busy.</exception>
    public Task<HttpResponseMessage> PostAsync(
        Uri target, string json, string kind, IReadOnlyDictionary<string, string> headers, CancellationToken cancellation) =>
        SendAsync(
            new HubRequest(HttpMethod.Post, target)
            {
                Headers = headers,
                Content = () => new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue(kind)),
            },
            cancellation);

    /// <summary>Sends a request, and again to where the hub sends it.</summary>
    /// <returns>The answer, whatever it is, but one after which trying again may help.</returns>
    /// <exception cref="PassingFailure">The server is busy, or has a fault.</exception>
    /// <exception cref="HubException">It is sent to where it would not be secure.</exception>
    public async Task<HttpResponseMessage> SendAsync(HubRequest sent, CancellationToken cancellation)
    {
        var target = sent.Target;
        for (var redirects = 0; ; redirects++)
        {
            CheckSecure(target);
            using var message = Message(sent, target);
            var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            if (IsRedirect(response, sent.Method) && response.Headers.Location is { } location && redirects < MostRedirects)
            {
                target = new Uri(target, location);
                response.Dispose();
                continue;
            }

            if (response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
                or HttpStatusCode.RequestTimeout)
            {
                using (response)
                {
                    throw new PassingFailure($"it answers {(int)response.StatusCode}", Wait(response.Headers.RetryAfter));
                }
            }

            return response;
        }
    }

    /// <summary>Tries again, after a while that grows or that the server names, what may go well the next time.</summary>
    /// <param name="subject">For the message.</param>
    /// <exception cref="HubException">It failed as often as it may, or cannot go well.</exception>
    public async Task<T> TryAsync<T>(string subject, Func<Task<T>> work, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (HttpRequestException e) when (Own(e) is { } own)
            {
                ExceptionDispatchInfo.Throw(own);
            }
            catch (Exception e) when (e is HttpRequestException or PassingFailure or (IOException and not HubException))
            {
                if (attempt >= _options.Attempts)
                {
                    throw new HubException(
                        $"{subject} could not be {_direction.Done} {Host} in {attempt} attempts: {Sentence(e)}. {_direction.Next}", e);
                }

                var wait = (e as PassingFailure)?.Wait ?? TimeSpan.FromSeconds(Math.Pow(2, attempt - 1));
                await Task.Delay(wait < LongestWait ? wait : LongestWait, _options.Clock, cancellation);
            }
        }
    }

    /// <summary>An answer's whole body.</summary>
    public static async Task<byte[]> BytesAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await response.Content.LoadIntoBufferAsync(MostAnswerBytes, cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    public void Dispose() => _http.Dispose();

    private static string RevisionPath(HubReference model, string revision) =>
        $"api/models/{model.Repository}/revision/{Uri.EscapeDataString(revision)}?blobs=true";

    private static string Sentence(Exception e) => e.GetBaseException().Message.TrimEnd('.');

    /// <summary>The failure of a body to be read, which the connection reports as its own.</summary>
    private static HubException? Own(Exception e) => e as HubException ?? (e.InnerException is { } inner ? Own(inner) : null);

    /// <summary>A body is sent again only where the answer asks for the same request.</summary>
    private static bool IsRedirect(HttpResponseMessage response, HttpMethod method) => method == HttpMethod.Get
        ? (int)response.StatusCode is >= 300 and < 400
        : response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private Task<HttpResponseMessage> AskAsync(string path, CancellationToken cancellation) =>
        SendAsync(new HubRequest(HttpMethod.Get, AddressOf(path)), cancellation);

    private HttpRequestMessage Message(HubRequest sent, Uri target)
    {
        var message = new HttpRequestMessage(sent.Method, target) { Content = sent.Content?.Invoke() };
        message.Headers.Range = sent.Range;

        // What was asked to be sent to one address is for that address, and goes before the token.
        foreach (var (name, value) in target == sent.Target ? sent.Headers : new Dictionary<string, string>())
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (_options.Token is { } token && IsHub(target) && !message.Headers.Contains("Authorization"))
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return message;
    }

    private void CheckSecure(Uri target)
    {
        if (target.Scheme != Uri.UriSchemeHttps && target.Scheme != _options.Endpoint.Scheme)
        {
            throw new HubException($"The hub sends to {target.GetLeftPart(UriPartial.Authority)}, which is not secure.");
        }
    }

    private bool IsHub(Uri target) =>
        Uri.Compare(target, _options.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private TimeSpan? Wait(RetryConditionHeaderValue? retry) =>
        retry?.Delta ?? (retry?.Date is { } date && date - _options.Clock.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : null);
}
