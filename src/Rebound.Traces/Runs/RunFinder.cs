using Rebound.Traces.Conventions;
using Rebound.Traces.Otlp;

namespace Rebound.Traces.Runs;

/// <summary>
/// Tells which spans are one run of an agent: an agent's span with what lies below it, up to the next agent's. Answers without an agent
/// above them belong together within a trace, or within a conversation that they name.
/// </summary>
internal sealed class RunFinder
{
    private static readonly ITraceConvention[] Conventions = [new VercelConvention(), new OpenInferenceConvention(), new GenAiConvention()];

    private readonly Dictionary<(string, string), TraceSpan> _spans;
    private readonly Dictionary<TraceSpan, KnownSpan> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, AgentRun> _runs = [];

    public RunFinder(TraceData data)
    {
        _spans = data.Spans.ToDictionary(span => (span.TraceId, span.SpanId));
        foreach (var span in data.Spans)
        {
            if (Known(span) is { } known)
            {
                _known.Add(span, known);
            }
        }
    }

    /// <summary>All runs, in the order in which they began.</summary>
    public IReadOnlyList<AgentRun> Find()
    {
        foreach (var known in _known.Values.Where(known => known.Role == SpanRole.Agent))
        {
            _runs.Add(known.Span, new AgentRun(known, IsAgent: true));
        }

        foreach (var known in _known.Values.OrderBy(known => known.Span.Start))
        {
            var agent = AgentAbove(known.Span);
            if (known.Role == SpanRole.Agent)
            {
                if (agent is not null)
                {
                    _runs[agent.Span].HasAgents = true;
                }
            }
            else if (agent is not null)
            {
                Add(_runs[agent.Span], known);
            }
            else if (known.Role == SpanRole.Chat || _runs.ContainsKey(Group(known.Span)))
            {
                var group = Group(known.Span);
                if (!_runs.TryGetValue(group, out var run))
                {
                    _runs.Add(group, run = new AgentRun(known, IsAgent: false));
                }

                Add(run, known);
            }
        }

        return [.. _runs.Values.OrderBy(run => run.First.Span.Start)];
    }

    /// <summary>The root of a span's trace, as far as it was exported.</summary>
    public TraceSpan Root(TraceSpan span) => Above(span).LastOrDefault() ?? span;

    private static void Add(AgentRun run, KnownSpan known) => (known.Role == SpanRole.Chat ? run.Chats : run.Tools).Add(known);

    private static KnownSpan? Known(TraceSpan span)
    {
        foreach (var convention in Conventions)
        {
            if (convention.RoleOf(span) is not SpanRole.Other and var role)
            {
                return new KnownSpan(span, role, convention);
            }
        }

        return null;
    }

    private static string Group(TraceSpan span) => ConversationName.Of(span) ?? span.TraceId;

    /// <summary>The nearest agent above a span, of its own convention where it has one.</summary>
    private KnownSpan? AgentAbove(TraceSpan span) =>
        Above(span).Select(above => _known.GetValueOrDefault(above)).FirstOrDefault(above => above?.Role == SpanRole.Agent);

    private IEnumerable<TraceSpan> Above(TraceSpan span)
    {
        var passed = new HashSet<string>(StringComparer.Ordinal) { span.SpanId };
        while (span.ParentId.Length > 0 && passed.Add(span.ParentId) && _spans.TryGetValue((span.TraceId, span.ParentId), out var parent))
        {
            yield return span = parent;
        }
    }
}
