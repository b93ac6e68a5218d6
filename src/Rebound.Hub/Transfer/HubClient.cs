using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Hub.Transfer;

/// <summary>Asks the hub. Its token goes to the hub's own address, and to no other that an answer leads to.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MostRedirects = 5;
    private const int MostAnswerBytes = 64 << 20;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly HubOptions _options;
    private readonly HttpClient _http;

    public HubClient(HubOptions options)
    {
        _options = options;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(30) };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("rebound", "0.1"));
    }

    /// <summary>The files of a repository at a branch, a tag or a commit.</summary>
    /// <exception cref="HubException">There is none, it is not open to the token, or the answer cannot be read.</exception>
    public async Task<HubRevision> RevisionAsync(HubReference model, string revision, CancellationToken cancellation)
    {
        var path = $"api/models/{model.Repository}/revision/{Uri.EscapeDataString(revision)}?blobs=true";
        return await TryAsync(model.ToString(), async () =>
        {
            using var response = await SendAsync(path, model, range: null, cancellation);
            await response.Content.LoadIntoBufferAsync(MostAnswerBytes, cancellation);
            return Read(await response.Content.ReadAsByteArrayAsync(cancellation), model);
        }, cancellation);
    }

    /// <summary>Begins to download a file, or a range of it.</summary>
    /// <exception cref="HubException">It is not there, or not open to the token.</exception>
    public Task<HttpResponseMessage> OpenAsync(
        HubReference model, string commit, HubFile file, RangeHeaderValue? range, CancellationToken cancellation) =>
        SendAsync(
            $"{model.Repository}/resolve/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}", model, range,
            cancellation);

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
            catch (Exception e) when (e is HttpRequestException or PassingFailure or (IOException and not HubException))
            {
                if (attempt >= _options.Attempts)
                {
                    throw new HubException(
                        $"{subject} could not be downloaded from {_options.Endpoint.Host} in {attempt} attempts: {Sentence(e)}. "
                            + "The next pull goes on from here.", e);
                }

                var wait = (e as PassingFailure)?.Wait ?? TimeSpan.FromSeconds(Math.Pow(2, attempt - 1));
                await Task.Delay(wait < LongestWait ? wait : LongestWait, _options.Clock, cancellation);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Sentence(Exception e) => e.GetBaseException().Message.TrimEnd('.');

    private async Task<HttpResponseMessage> SendAsync(
        string path, HubReference model, RangeHeaderValue? range, CancellationToken cancellation)
    {
        var target = new Uri($"{_options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            request.Headers.Range = range;
            if (_options.Token is { } token && IsHub(target))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if ((int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location && redirects < MostRedirects)
                {
                    target = new Uri(target, location);
                    if (target.Scheme != Uri.UriSchemeHttps && target.Scheme != _options.Endpoint.Scheme)
                    {
                        throw new HubException($"The hub sends to {target.GetLeftPart(UriPartial.Authority)}, which is not secure.");
                    }

                    continue;
                }

                throw Failure(response, model);
            }
        }
    }

    private bool IsHub(Uri target) =>
        Uri.Compare(target, _options.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private Exception Failure(HttpResponseMessage response, HubReference model)
    {
        var code = response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : "";
        var key = _options.Token is null
            ? "give a token in HF_TOKEN, or with the hub's own tool in its token file" : "the token does not open it";
        return response.StatusCode switch
        {
            HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout =>
                new PassingFailure($"it answers {(int)response.StatusCode}", Wait(response.Headers.RetryAfter)),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when code == "GatedRepo" => new HubException(
                $"{model.Repository} is open to those alone who accepted its terms: accept them at {_options.Endpoint}{model.Repository}, "
                    + $"and {key}."),
            HttpStatusCode.NotFound when code == "RevisionNotFound" => new HubException($"{model.Repository} has no such revision."),
            HttpStatusCode.NotFound when code == "EntryNotFound" => new HubException($"{model} has no such file."),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound => new HubException(
                $"There is no {model.Repository} at {_options.Endpoint.Host}, or it is private: check the name, or {key}."),
            var status => new HubException($"{_options.Endpoint.Host} answers {(int)status} for {model.Repository}."),
        };
    }

    private TimeSpan? Wait(RetryConditionHeaderValue? retry) =>
        retry?.Delta ?? (retry?.Date is { } date && date - _options.Clock.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : null);

    private static HubRevision Read(byte[] answer, HubReference model)
    {
        try
        {
            var json = StrictJson.ParseElement(answer, DuplicateNames.LastCounts);
            var commit = json.GetProperty("sha").GetString()!;
            var files = json.GetProperty("siblings").EnumerateArray().Select(Read).ToArray();
            return commit.Length == 40 && commit.All(char.IsAsciiHexDigit) ? new HubRevision(commit, files)
                : throw new FormatException("the commit is none");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HubException($"The hub's answer about {model.Repository} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static HubFile Read(JsonElement file)
    {
        var path = file.GetProperty("rfilename").GetString()!;
        var isLarge = file.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        var blob = (isLarge ? lfs.GetProperty("sha256") : file.GetProperty("blobId")).GetString()!;
        var size = (isLarge ? lfs : file).GetProperty("size").GetInt64();
        var isSafe = path.Split('/').All(part => part is not ("" or "." or "..") && !part.Contains('\\', StringComparison.Ordinal)
            && !part.Contains(':', StringComparison.Ordinal));
        return isSafe && (blob.Length is 40 or 64) && blob.All(char.IsAsciiHexDigit) && size >= 0
            ? new HubFile(path, size, blob.ToLowerInvariant())
            : throw new FormatException($"the file '{path}' has a name, a size or a checksum that cannot be");
    }
}
