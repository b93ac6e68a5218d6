using System.ClientModel;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Models;

/// <summary>
/// Several endpoints and keys as one model. A request goes to the least busy one that is not resting; one that fails rests
/// for a growing while, or as long as its server asks for, and the request goes on to another.
/// </summary>
public sealed class EndpointPool : IChatClient
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);

    private readonly Place[] _places;
    private readonly int _attempts;
    private readonly TimeSpan _firstRest;
    private readonly TimeProvider _time;
    private readonly ModelMeter? _meter;
    private readonly Lock _lock = new();

    /// <param name="clients">One for each endpoint; the pool disposes them.</param>
    /// <param name="attempts">How often a request is tried before it fails.</param>
    /// <param name="firstRest">How long an endpoint rests after a first failure.</param>
    /// <param name="meter">Hears of requests that fail and are made again.</param>
    public EndpointPool(IEnumerable<IChatClient> clients, int attempts, TimeSpan firstRest, TimeProvider time, ModelMeter? meter = null)
    {
        _places = [.. clients.Select(client => new Place(client))];
        (_attempts, _firstRest, _time, _meter) = (attempts, firstRest, time, meter);
    }

    /// <exception cref="ModelException">Every attempt failed, or an endpoint refuses for good.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = messages.ToList();
        var (place, response) = await TryAsync(place => place.Client.GetResponseAsync(request, options, cancellationToken), cancellationToken);
        Return(place, rest: null);
        return response;
    }

    /// <summary>The answer as its server writes it. Before its first piece a failure is tried again; after it, it ends the answer.</summary>
    /// <exception cref="ModelException">Every attempt failed, an endpoint refuses for good, or the answer broke off.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
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
                return (place, await ask(place));
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                // One that refuses works; only one that fails is given a rest.
                var isFinal = IsFinal(e);
                Return(place, isFinal ? null : RestAfter(place, e));
                if (isFinal || attempt == _attempts)
                {
                    throw new ModelException($"the model could not be asked: {Explain(e)}", e);
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
                var ready = _places.Where(place => place.RestsUntil <= now).MinBy(place => place.Busy);
                if (ready is not null)
                {
                    ready.Busy++;
                    return ready;
                }

                wait = _places.Min(place => place.RestsUntil) - now;
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
        var asked = (failure as ClientResultException)?.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) == true
            && double.TryParse(text, out var seconds) && seconds > 0
                ? TimeSpan.FromSeconds(Math.Min(seconds, LongestRest.TotalSeconds))
                : _firstRest * Math.Pow(2, Math.Min(place.Failures, 16));
        return asked < LongestRest ? asked : LongestRest;
    }

    /// <summary>Whether asking again would only be told the same: the request itself is wrong, or the key.</summary>
    private static bool IsFinal(Exception failure) =>
        failure is ClientResultException { Status: >= 400 and < 500 and not (408 or 409 or 425 or 429) };

    private static string Explain(Exception failure) => failure switch
    {
        ClientResultException { Status: > 0 } refused => $"the server answered {refused.Status} ({refused.Message.Split('\n')[0].Trim()}).",
        OperationCanceledException => "the server did not answer in time.",
        JsonException or InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException or NullReferenceException =>
            "the server's answer is not the JSON that OpenAI's protocol has.",
        _ => failure.Message,
    };

    private sealed class Place(IChatClient client)
    {
        public IChatClient Client => client;

        public int Busy { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset RestsUntil { get; set; }
    }
}
