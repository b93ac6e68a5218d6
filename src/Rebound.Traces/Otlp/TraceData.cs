namespace Rebound.Traces.Otlp;

/// <summary>Spans and events that were read.</summary>
public sealed class TraceData
{
    private readonly HashSet<(string TraceId, string SpanId)> _known = [];
    private readonly List<TraceSpan> _spans = [];
    private readonly List<TraceEvent> _events = [];

    /// <summary>Spans, each once.</summary>
    public IReadOnlyList<TraceSpan> Spans => _spans;

    /// <summary>Records of logs that have a name, as those of evaluations and messages have.</summary>
    public IReadOnlyList<TraceEvent> Events => _events;

    /// <summary>Spans that were exported twice.</summary>
    public int Repeated { get; private set; }

    internal void Add(TraceSpan span)
    {
        if (_known.Add((span.TraceId, span.SpanId)))
        {
            _spans.Add(span);
        }
        else
        {
            Repeated++;
        }
    }

    internal void Add(TraceEvent record) => _events.Add(record);
}
