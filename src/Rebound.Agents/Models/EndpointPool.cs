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
    /// <summary>Of a rest that nobody asked for.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);

    /// <summary>Of a rest that a server asks for.</summary>
    private static readonly TimeSpan LongestAskedRest = TimeSpan.FromMinutes(5);

    /// <summary>A rest that somebody who waits wants to hear of.</summary>
    private static readonly TimeSpan LongRest = TimeSpan.FromSeconds(10);

    private readonly Place[] _places;
    private readonly int _attempts;
    private readonly TimeSpan _firstRest;
    private readonly TimeProvider _time;
    private readonly ModelMeter? _meter;
    private readonly Action<string>? _tell;
    private readonly Lock _lock = new();
    private volatile ModelException? _broken;

    /// <param name="clients">One for each endpoint; the pool disposes them.</param>
    /// <param name="attempts">How often a request is tried before it fails.</param>
    /// <param name="firstRest">How long an endpoint rests after a first failure.</param>
    /// <param name="meter">Hears of requests that fail and are made again.</param>
    /// <param name="tell">Hears in a sentence how long a server asks to be left alone, where that is long.</param>
    public EndpointPool(
        IEnumerable<IChatClient> clients,
        int attempts,
        TimeSpan firstRest,
        TimeProvider time,
        ModelMeter? meter = null,
        Action<string>? tell = null)
    {
        _places = [.. clients.Select(client => new Place(client))];
        (_attempts, _firstRest, _time, _meter) = (attempts, firstRest, time, meter);
        _tell = tell;
    }

    /// <summary>Why no request can be answered: every endpoint is absent, or refuses what it is asked; null while one may answer.</summary>
    public ModelException? Broken => _broken;

    /// <exception cref="ModelException">Every attempt failed, or an endpoint refuses for good.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = messages.ToList();
        var (place, response) = await TryAsync(
            place => place.Client.GetResponseAsync(request, options, cancellationToken), cancellationToken);
        Return(place, rest: null);
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
        var (place, updates) = await TryAsync(place => BeginAsync(place, request, options, cancellationToken), cancellationToken);
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
            Return(place, rest: null);
            await updates.DisposeAsync();
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : _places[0].Client.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        foreach (var place in _places)
        {
            place.Client.Dispose();
        }
    }

    /// <summary>Asks the places, one after the other, until one answers; the caller returns it.</summary>
    private async Task<(Place Place, T Answer)> TryAsync<T>(Func<Place, Task<T>> ask, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var place = await TakeAsync(cancellation);
            try
            {
                var answer = await ask(place);
                lock (_lock)
                {
                    (place.IsThere, place.HasAnswered, place.IsOut, _broken) = (true, true, false, null);
                }

                return (place, answer);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                var isFinal = Settle(place, e);
                if (isFinal || (attempt >= _attempts && !place.IsOut))
                {
                    var failure = new ModelException($"the model could not be asked: {Explain(e)}", e);
                    _broken = isFinal && _places.All(other => other.IsOut) ? failure : _broken;
                    throw failure;
                }

                _meter?.Retry(Explain(e));
            }
            catch
            {
                Return(place, rest: null);
                throw;
            }
        }
    }

    /// <summary>Returns a place that failed; whether the request has no more point, here or elsewhere.</summary>
    private bool Settle(Place place, Exception failure)
    {
        var refusal = failure as ServerException is { IsRefusal: true } server ? server : null;
        lock (_lock)
        {
            place.IsThere |= failure is ServerException;
            place.IsOut = refusal is not null
                ? refusal.IsOfTheKey || (!place.HasAnswered && !refusal.IsOfTheLength)
                : failure is UnreachableServerException && !_places.Any(other => other.IsThere);
        }

        // One that refuses works; only one that fails is given a rest.
        var isFinal = refusal is not null || place.IsOut;
        Return(place, isFinal ? null : RestAfter(place, failure));
        return isFinal && !(place.IsOut && _places.Any(other => !other.IsOut));
    }

    /// <summary>An answer up to its first piece.</summary>
    private static async Task<IAsyncEnumerator<ChatResponseUpdate>> BeginAsync(
        Place place, List<ChatMessage> request, ChatOptions? options, CancellationToken cancellation)
    {
        var updates = place.Client.GetStreamingResponseAsync(request, options, cancellation).GetAsyncEnumerator(cancellation);
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

    private async Task<Place> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan wait;
            lock (_lock)
            {
                var now = _time.GetUtcNow();
                var open = _places.Where(place => !place.IsOut).ToList();
                var asked = open.Count > 0 ? open : [.. _places];
                var ready = asked.Where(place => place.RestsUntil <= now).MinBy(place => place.Busy);
                if (ready is not null)
                {
                    ready.Busy++;
                    return ready;
                }

                wait = asked.Min(place => place.RestsUntil) - now;
            }

            await Task.Delay(wait, _time, cancellation);
        }
    }

    private void Return(Place place, TimeSpan? rest)
    {
        lock (_lock)
        {
            place.Busy--;
            place.Failures = rest is null ? 0 : place.Failures + 1;
            place.RestsUntil = rest is { } pause ? _time.GetUtcNow() + pause : place.RestsUntil;
        }
    }

    private TimeSpan RestAfter(Place place, Exception failure)
    {
        var own = _firstRest * Math.Pow(2, Math.Min(place.Failures, 16));
        var rest = own < LongestRest ? own : LongestRest;
        if (failure is not ServerException { RetryAfter: { } asked })
        {
            return rest;
        }

        if (asked >= LongRest && place.Failures == 0)
        {
            var again = asked <= LongestAskedRest ? "" : $"; it is asked again after {LongestAskedRest.TotalSeconds:0} s";
            _tell?.Invoke($"A server asks to be left alone for {asked.TotalSeconds:0} s ({failure.Message.TrimEnd('.')}){again}.");
        }

        return asked < LongestAskedRest ? asked : LongestAskedRest;
    }

    private static string Explain(Exception failure) => failure switch
    {
        OperationCanceledException => "the server did not answer in time.",
        JsonException or InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException
            or NullReferenceException =>
            "the server's answer is not the JSON that OpenAI's protocol has.",
        _ => failure.Message,
    };

    private sealed class Place(IChatClient client)
    {
        public IChatClient Client => client;

        public int Busy { get; set; }

        public int Failures { get; set; }

        /// <summary>Whether it has said anything, be it an error.</summary>
        public bool IsThere { get; set; }

        /// <summary>Whether it has given an answer.</summary>
        public bool HasAnswered { get; set; }

        /// <summary>Whether it refuses every request, or is not there.</summary>
        public bool IsOut { get; set; }

        public DateTimeOffset RestsUntil { get; set; }
    }
}
