using Rebound.Traces.Conventions;
using Rebound.Traces.Otlp;

namespace Rebound.Traces.Runs;

/// <summary>The spans of one run of an agent.</summary>
/// <param name="First">The agent's span, or the first answer where no span stands for an agent.</param>
/// <param name="IsAgent">Whether a span stands for the agent.</param>
internal sealed record AgentRun(KnownSpan First, bool IsAgent)
{
    /// <summary>The model's answers, in the order of their beginnings.</summary>
    public List<KnownSpan> Chats { get; } = [];

    public List<KnownSpan> Tools { get; } = [];

    /// <summary>Whether it is there for other agents alone.</summary>
    public bool HasAgents { get; set; }

    public IEnumerable<KnownSpan> All => [First, .. Chats.Where(chat => chat != First), .. Tools];
}

/// <summary>A span whose part is known.</summary>
internal sealed record KnownSpan(TraceSpan Span, SpanRole Role, ITraceConvention Convention);
