using System.Collections.Concurrent;

namespace Rebound.Server.Telemetry;

/// <summary>Counts of one model's requests.</summary>
internal sealed class ModelMetrics
{
    private static readonly double[] FirstTokenSeconds =
        [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];

    private static readonly double[] TokenSeconds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5];

    private static readonly double[] RequestSeconds =
        [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960];

    private static readonly double[] Tokens = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

    private readonly ConcurrentDictionary<string, long> _finished = new(
        ((string[])["stop", "length", "tool_calls", "abort", "error"]).Select(reason => KeyValuePair.Create(reason, 0L)),
        StringComparer.Ordinal);

    private long _promptTokens;
    private long _generatedTokens;

    public HistogramCounts TimeToFirstToken { get; } = new(FirstTokenSeconds);

    public HistogramCounts InterTokenLatency { get; } = new(TokenSeconds);

    public HistogramCounts RequestLatency { get; } = new(RequestSeconds);

    public HistogramCounts RequestPromptTokens { get; } = new(Tokens);

    public HistogramCounts RequestGeneratedTokens { get; } = new(Tokens);

    public long PromptTokens => Interlocked.Read(ref _promptTokens);

    public long GeneratedTokens => Interlocked.Read(ref _generatedTokens);

    /// <summary>Answers by why they ended: <c>stop</c>, <c>length</c>, <c>tool_calls</c>, <c>abort</c>, <c>error</c>.</summary>
    public IEnumerable<KeyValuePair<string, long>> Finished => _finished.OrderBy(entry => entry.Key, StringComparer.Ordinal);

    public void Prompt(int tokens)
    {
        Interlocked.Add(ref _promptTokens, tokens);
        RequestPromptTokens.Add(tokens);
    }

    public void Generated() => Interlocked.Increment(ref _generatedTokens);

    public void Finish(string reason, int tokens)
    {
        _finished.AddOrUpdate(reason, 1, (_, count) => count + 1);
        RequestGeneratedTokens.Add(tokens);
    }
}
