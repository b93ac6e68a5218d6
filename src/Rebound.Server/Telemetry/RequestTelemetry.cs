using System.Diagnostics;
using System.Diagnostics.Metrics;
using Rebound.Server.OpenAi;

namespace Rebound.Server.Telemetry;

/// <summary>
/// Measures one request, for <c>/metrics</c> and, by OpenTelemetry's conventions for generative AI
/// (https://opentelemetry.io/docs/specs/semconv/gen-ai/), as a span and as metrics of a server.
/// </summary>
internal sealed class RequestTelemetry : IDisposable
{
    /// <summary>The name of both the spans' source and the meter.</summary>
    public const string SourceName = "Rebound.Server";

    private const string Aborted = "abort";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);

    private static readonly Histogram<double> Duration = Seconds(
        "gen_ai.server.request.duration", "From a request to its last token.",
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);

    private static readonly Histogram<double> FirstToken = Seconds(
        "gen_ai.server.time_to_first_token", "From a request to its first token.",
        [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);

    private static readonly Histogram<double> PerToken = Seconds(
        "gen_ai.server.time_per_output_token", "Of an output token after the first one.",
        [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]);

    private readonly ModelMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly Activity? _span;
    private readonly TagList _tags;
    private readonly Dictionary<int, long> _lastTokens = [];
    private IMeasured? _run;
    private Func<Usage>? _total;
    private string? _error;
    private long _first;
    private long _last;
    private int _tokens;

    /// <param name="operation">The convention's name of it, for example <c>chat</c>.</param>
    /// <param name="model">As the request names it.</param>
    /// <param name="kind">Internal where it is a part of another request.</param>
    public RequestTelemetry(
        ModelMetrics metrics, TimeProvider clock, string operation, string model, ActivityKind kind = ActivityKind.Server)
    {
        (_metrics, _clock, _start) = (metrics, clock, clock.GetTimestamp());
        _tags = new TagList
        {
            { "gen_ai.operation.name", operation },
            { "gen_ai.provider.name", "rebound" },
            { "gen_ai.request.model", model },
        };
        _span = Source.StartActivity(kind, tags: _tags, name: $"{operation} {model}");
    }

    /// <summary>Begins a span within the one that there is; null where nobody wants any.</summary>
    public static Activity? Span(string name, TagList tags) => Source.StartActivity(ActivityKind.Internal, tags: tags, name: name);

    /// <summary>One of the steps of an agent, which is an answer of its own.</summary>
    public RequestTelemetry Step(string operation, string model) => new(_metrics, _clock, operation, model, ActivityKind.Internal);

    /// <summary>The request lets an agent work.</summary>
    /// <param name="usage">Tokens of all its steps so far.</param>
    public void Begin(string agent, Func<Usage> usage)
    {
        _span?.SetTag("gen_ai.agent.name", agent);
        _total = usage;
    }

    /// <summary>The answers begin to be generated.</summary>
    public void Begin(IMeasured run)
    {
        _run = run;
        _metrics.Prompt(run.Usage.Prompt);
    }

    /// <summary>A token came.</summary>
    public void Token(int choice)
    {
        var now = _clock.GetTimestamp();
        _metrics.Generated();
        _tokens++;
        if (_lastTokens.TryGetValue(choice, out var before))
        {
            _metrics.InterTokenLatency.Add(_clock.GetElapsedTime(before, now).TotalSeconds);
        }
        else
        {
            _metrics.TimeToFirstToken.Add(_clock.GetElapsedTime(_start, now).TotalSeconds);
        }

        _first = _first == 0 ? now : _first;
        _lastTokens[choice] = _last = now;
    }

    /// <summary>The request failed.</summary>
    /// <param name="kind">Of the error; null where the client has gone.</param>
    public void Fail(string? kind) => _error = kind ?? Aborted;

    public void Dispose()
    {
        var duration = _clock.GetElapsedTime(_start).TotalSeconds;
        foreach (var (finish, tokens) in _run?.Answers ?? [])
        {
            _metrics.Finish(finish ?? (_error is null or Aborted ? Aborted : "error"), tokens);
        }

        if (_run is not null)
        {
            _metrics.RequestLatency.Add(duration);
        }

        var tags = _tags;
        if (_error is not null)
        {
            tags.Add("error.type", _error);
        }

        Duration.Record(duration, tags);
        if (_tokens > 0 && _error is null)
        {
            FirstToken.Record(_clock.GetElapsedTime(_start, _first).TotalSeconds, tags);
            if (_tokens > 1)
            {
                PerToken.Record(_clock.GetElapsedTime(_first, _last).TotalSeconds / (_tokens - 1), tags);
            }
        }

        Describe();
        _span?.Dispose();
    }

    /// <param name="bounds">Those of the conventions: exporters' own are for milliseconds.</param>
    private static Histogram<double> Seconds(string name, string description, double[] bounds) => Meter.CreateHistogram(
        name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private void Describe()
    {
        if (_span is null)
        {
            return;
        }

        if ((_run?.Usage ?? _total?.Invoke()) is { } usage)
        {
            _span.SetTag("gen_ai.usage.input_tokens", usage.Prompt);
            _span.SetTag("gen_ai.usage.output_tokens", usage.Completion);
            _span.SetTag("gen_ai.usage.cache_read.input_tokens", usage.Cached);
        }

        if (_run is { } run)
        {
            _span.SetTag("gen_ai.response.finish_reasons", run.Answers.Select(answer => answer.Finish ?? "error").ToArray());
        }

        if (_error is not null)
        {
            _span.SetTag("error.type", _error);
            _span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
