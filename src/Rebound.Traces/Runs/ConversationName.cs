using Rebound.Traces.Otlp;

namespace Rebound.Traces.Runs;

/// <summary>The conversation that spans and evaluations say they belong to.</summary>
internal static class ConversationName
{
    /// <summary>The attribute that names it by OpenTelemetry's conventions.</summary>
    public const string Attribute = "gen_ai.conversation.id";

    private const string Session = "session.id";

    /// <summary>By its own attribute, or by the session that others write; null where a span tells none.</summary>
    public static string? Of(TraceSpan span) => span.Text(Attribute) ?? span.Text(Session);
}
