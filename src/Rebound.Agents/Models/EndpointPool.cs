using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models.Protocol;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Models;

/// <summary>
/// Several endpoints and keys as one model. A request goes to the least loaded endpoint that is not backing off; one that fails backs
/// off for a growing time, or as long as its server asks for, and the request is retried on another. An endpoint that refuses every
/// request, or cannot be reached, is used only where no other is left.
/// </summary>
public sealed class EndpointPool : IChatClient
{
    /// <summary>The longest backoff without a Retry-After.</summary>
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);

    /// <summary>The longest Retry-After that is obeyed.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>The shortest Retry-After that is reported.</summary>
    private static readonly TimeSpan NotableRetryAfter = TimeSpan.FromSeconds(10);

    private readonly PooledEndpoint[] _endpoints;
    private readonly int _attempts;
    private readonly TimeSpan _firstBackoff;
    private readonly TimeProvider _time;
    private readonly ModelMeter? _meter;
    private readonly Action<string>? _tell;
    private readonly Lock _lock = new();
    private volatile ModelException? _broken;

    /// <param name="clients">One for each endpoint; the pool disposes them.</param>
    /// <param name="attempts">How often a request is tried before it fails.</param>
    /// <param name="firstBackoff">The backoff after an endpoint's first failure.</param>
    /// <param name="meter">Hears of requests that fail and are made again.</param>
    /// <param name="tell">Hears in a sentence how long a server asks to be left alone, where that is long.</param>
    public EndpointPool(
        IEnumerable<IChatClient> clients,
        int attempts,
        TimeSpan firstBackoff,
        TimeProvider time,
        ModelMeter? meter = null,
        Action<string>? tell = null)
    {
        _endpoints = [.. clients.Select(client => new PooledEndpoint(client))];
        (_attempts, _firstBackoff, _time, _meter) = (attempts, firstBackoff, time, meter);
        _tell = tell;
    }

    /// <summary>The reason that no request can succeed: every endpoint is absent or refuses; null while one may answer.</summary>
    public ModelException? Broken => _broken;

    /// <exception cref="ModelException">Every attempt failed, or an endpoint refuses for good.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = messages.ToList();
        var (endpoint, response) = await TryAsync(
            endpoint => endpoint.Client.GetResponseAsync(request, options, cancellationToken), cancellationToken);
        Release(endpoint, backoff: null);
        return response;
    }

    /// <summary>
    /// The answer as its server writes it. Before its first piece a failure is tried again; after it, it ends the answer.
    /// </summary>
    /// <exception cref="ModelException">Every attempt failed, an endpoint refuses for good, or the answer broke off.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = messages.ToList();
        var (endpoint, updates) = await TryAsync(endpoint => BeginAsync(endpoint, request, options, cancellationToken), cancellationToken);
        try
        {
            do
            {
                yield return updates.Current;
            }
            while (await GoesOnAsync(updates, cancellationToken));
        }
        finally
        {
            Release(endpoint, backoff: null);
            await updates.DisposeAsync();
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : _endpoints[0].Client.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        foreach (var endpoint in _endpoints)
        {
            endpoint.Client.Dispose();
        }
    }

    /// <summary>Asks the endpoints, one after the other, until one answers; the caller releases it.</summary>
    private async Task<(PooledEndpoint Endpoint, T Answer)> TryAsync<T>(Func<PooledEndpoint, Task<T>> ask, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var endpoint = await AcquireAsync(cancellation);
            try
            {
                var answer = await ask(endpoint);
                lock (_lock)
                {
                    (endpoint.IsThere, endpoint.HasAnswered, endpoint.IsBroken, _broken) = (true, true, false, null);
                }

                return (endpoint, answer);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                var isFinal = Settle(endpoint, e);
                if (isFinal || (attempt >= _attempts && !endpoint.IsBroken))
                {
                    var failure = new ModelException($"the model could not be asked: {Explain(e)}", e);
                    _broken = isFinal && _endpoints.All(other => other.IsBroken) ? failure : _broken;
                    throw failure;
                }

                _meter?.Retry(Explain(e));
            }
            catch
            {
                Release(endpoint, backoff: null);
                throw;
            }
        }
    }

    /// <summary>Releases an endpoint that failed; whether retrying is pointless, here or elsewhere.</summary>
    private bool Settle(PooledEndpoint endpoint, Exception failure)
    {
        var refusal = failure as ServerException is { IsRefusal: true } server ? server : null;
        lock (_lock)
        {
            endpoint.IsThere |= failure is ServerException;
            endpoint.IsBroken = refusal is not null
                ? refusal.IsOfTheKey || (!endpoint.HasAnswered && !refusal.IsOfTheLength)
                : failure is UnreachableServerException && !_endpoints.Any(other => other.IsThere);
        }

        // One that refuses is up; only one that fails backs off.
        var isFinal = refusal is not null || endpoint.IsBroken;
        Release(endpoint, isFinal ? null : BackoffAfter(endpoint, failure));
        return isFinal && !(endpoint.IsBroken && _endpoints.Any(other => !other.IsBroken));
    }

    /// <summary>An answer up to its first piece.</summary>
    private static async Task<IAsyncEnumerator<ChatResponseUpdate>> BeginAsync(
        PooledEndpoint endpoint, List<ChatMessage> request, ChatOptions? options, CancellationToken cancellation)
    {
        var updates = endpoint.Client.GetStreamingResponseAsync(request, options, cancellation).GetAsyncEnumerator(cancellation);
        try
        {
            return await updates.MoveNextAsync() ? updates : throw new InvalidDataException("the server's answer is empty.");
        }
        catch
        {
            await updates.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> GoesOnAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken cancellation)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            throw new ModelException($"the model's answer broke off: {Explain(e)}", e);
        }
    }

    private async Task<PooledEndpoint> AcquireAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan wait;
            lock (_lock)
            {
                var now = _time.GetUtcNow();
                var open = _endpoints.Where(endpoint => !endpoint.IsBroken).ToList();
                var asked = open.Count > 0 ? open : [.. _endpoints];
                var ready = asked.Where(endpoint => endpoint.BackoffUntil <= now).MinBy(endpoint => endpoint.InFlight);
                if (ready is not null)
                {
                    ready.InFlight++;
                    return ready;
                }

                wait = asked.Min(endpoint => endpoint.BackoffUntil) - now;
            }

            await Task.Delay(wait, _time, cancellation);
        }
    }

    private void Release(PooledEndpoint endpoint, TimeSpan? backoff)
    {
        lock (_lock)
        {
            endpoint.InFlight--;
            endpoint.Failures = backoff is null ? 0 : endpoint.Failures + 1;
            endpoint.BackoffUntil = backoff is { } pause ? _time.GetUtcNow() + pause : endpoint.BackoffUntil;
        }
    }

    private TimeSpan BackoffAfter(PooledEndpoint endpoint, Exception failure)
    {
        var own = _firstBackoff * Math.Pow(2, Math.Min(endpoint.Failures, 16));
        var backoff = own < LongestBackoff ? own : LongestBackoff;
        if (failure is not ServerException { RetryAfter: { } asked })
        {
            return backoff;
        }

        if (asked >= NotableRetryAfter && endpoint.Failures == 0)
        {
            var again = asked <= LongestRetryAfter ? "" : $"; it is asked again after {LongestRetryAfter.TotalSeconds:0} s";
            _tell?.Invoke($"A server asks to be left alone for {asked.TotalSeconds:0} s ({failure.Message.TrimEnd('.')}){again}.");
        }

        return asked < LongestRetryAfter ? asked : LongestRetryAfter;
    }

    private static string Explain(Exception failure) => failure switch
    {
        OperationCanceledException => "the server did not answer in time.",
        JsonException or InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException
            or NullReferenceException =>
            "the server's answer is not the JSON that OpenAI's protocol has.",
        _ => failure.Message,
    };

    private sealed class PooledEndpoint(IChatClient client)
    {
        public IChatClient Client => client;

        public int InFlight { get; set; }

        public int Failures { get; set; }

        /// <summary>Whether it has responded, also with an error.</summary>
        public bool IsThere { get; set; }

        /// <summary>Whether it has given an answer.</summary>
        public bool HasAnswered { get; set; }

        /// <summary>Whether it refuses every request, or is not there.</summary>
        public bool IsBroken { get; set; }

        public DateTimeOffset BackoffUntil { get; set; }
    }
}
