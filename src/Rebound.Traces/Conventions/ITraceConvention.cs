using Rebound.Traces.Otlp;

namespace Rebound.Traces.Conventions;

/// <summary>A way in which frameworks write what an agent does into spans.</summary>
internal interface ITraceConvention
{
    /// <summary>The switch to set where spans have no contents.</summary>
    string ContentSwitch { get; }

    SpanRole RoleOf(TraceSpan span);

    /// <summary>The messages of a span; null where it has none.</summary>
    /// <param name="events">Events of the span, and records of logs that belong to it.</param>
    /// <exception cref="FormatException">It has some that cannot be learned from; the sentence says why.</exception>
    Exchange? Read(TraceSpan span, IReadOnlyList<TraceEvent> events);

    /// <summary>The reply that a tool's span tells; null where it tells none.</summary>
    ToolReply? Reply(TraceSpan span);
}
