using System.Net;
using Polly;
using Polly.Retry;

namespace Rebound.Agents.Search;

/// <summary>Retries a request where the server may answer later: 408, 429, 5xx, a broken connection, a timeout.</summary>
public static class RetryPolicy
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Retries with exponential backoff and jitter, or after the server's Retry-After.</summary>
    public static ResiliencePipeline<HttpResponseMessage> Create(int retries, TimeSpan firstDelay, TimeSpan patience, TimeProvider time)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time };
        if (retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = retries,
                Delay = firstDelay,
                MaxDelay = Longest,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>()
                    .Handle<Polly.Timeout.TimeoutRejectedException>()
                    .HandleResult(response => MayPass(response.StatusCode)),
                DelayGenerator = attempt => ValueTask.FromResult(Asked(attempt.Outcome.Result, time)),
            });
        }

        return builder.AddTimeout(patience).Build();
    }

    private static bool MayPass(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)status >= 500;

    private static TimeSpan? Asked(HttpResponseMessage? response, TimeProvider time)
    {
        var after = response?.Headers.RetryAfter;
        var wait = after?.Delta ?? (after?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait is { } asked && asked > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Min(asked.Ticks, Longest.Ticks)) : null;
    }
}
