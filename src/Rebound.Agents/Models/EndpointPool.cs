using System.ClientModel;
using System.Runtime.CompilerServices;
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
    private readonly Lock _lock = new();

    /// <param name="clients">One for each endpoint; the pool disposes them.</param>
    /// <param name="attempts">How often a request is tried before it fails.</param>
    /// <param name="firstRest">How long an endpoint rests after a first failure.</param>
    public EndpointPool(IEnumerable<IChatClient> clients, int attempts, TimeSpan firstRest, TimeProvider time)
    {
        _places = [.. clients.Select(client => new Place(client))];
        (_attempts, _firstRest, _time) = (attempts, firstRest, time);
    }

    /// <exception cref="ModelException">Every attempt failed, or an endpoint refuses for good.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = messages.ToList();
        for (var attempt = 1; ; attempt++)
        {
            var place = await TakeAsync(cancellationToken);
            try
            {
                var response = await place.Client.GetResponseAsync(request, options, cancellationToken);
                Return(place, rest: null);
                return response;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // One that refuses works; only one that fails is given a rest.
                var isFinal = IsFinal(e);
                Return(place, isFinal ? null : RestAfter(place, e));
                if (isFinal || attempt == _attempts)
                {
                    throw new ModelException($"the model could not be asked: {Explain(e)}", e);
                }
            }
            catch
            {
                Return(place, rest: null);
                throw;
            }
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
        {
            yield return update;
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
                ? TimeSpan.FromSeconds(seconds)
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
