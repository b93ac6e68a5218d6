using System.Text.Json.Nodes;
using Rebound.Traces.Otlp;

namespace Rebound.Traces.Runs;

/// <summary>
/// Finds what evaluations (<c>gen_ai.evaluation.result</c>) or an attribute say of a run. An evaluation belongs to a run by the span that
/// it stands in or names, by the answer's id, or by the conversation's.
/// </summary>
internal sealed class OutcomeFinder
{
    private const string ResponseId = "gen_ai.response.id";

    private readonly TraceImportOptions _options;
    private readonly VerdictReader _verdicts;
    private readonly Func<TraceSpan, TraceSpan> _rootOf;

    /// <summary>Those that count, in the order in which they were read.</summary>
    private readonly TraceEvent[] _evaluations;

    private readonly ILookup<(string TraceId, string SpanId), int> _ofSpan;
    private readonly ILookup<string?, int> _ofAnswer;
    private readonly ILookup<string?, int> _ofConversation;

    public OutcomeFinder(TraceData data, TraceImportOptions options, Func<TraceSpan, TraceSpan> rootOf)
    {
        (_options, _rootOf, _verdicts) = (options, rootOf, new VerdictReader(options.AtLeast));
        _evaluations = [.. data.Spans.SelectMany(span => span.Events).Concat(data.Events).Where(item => item.Name == VerdictReader.Result
            && (options.Evaluation is null || item.Text(VerdictReader.Name) == options.Evaluation))];
        var all = Enumerable.Range(0, _evaluations.Length).ToArray();
        _ofSpan = all.ToLookup(i => (_evaluations[i].TraceId, _evaluations[i].SpanId));
        _ofAnswer = all.ToLookup(i => _evaluations[i].Text(ResponseId), StringComparer.Ordinal);
        _ofConversation = _ofAnswer[null].ToLookup(i => _evaluations[i].Text(ConversationName.Attribute), StringComparer.Ordinal);
    }

    public Verdict Of(AgentRun run)
    {
        if (_options.OutcomeAttribute is { } attribute)
        {
            var told = Attribute(run, attribute).FirstOrDefault(value => value is not null);
            return told is null ? new Verdict(null, $"no '{attribute}'", null)
                : _verdicts.Read(told) is { } reward ? new Verdict(reward, null, null)
                : new Verdict(
                    null, $"'{attribute}' is no outcome: numbers on a scale need a least score, and words say success or failure", null);
        }

        var found = new SortedSet<int>(run.All.SelectMany(known => _ofSpan[(known.Span.TraceId, known.Span.SpanId)]));
        found.UnionWith(run.Chats.Select(chat => chat.Span.Text(ResponseId)).OfType<string>().SelectMany(answer => _ofAnswer[answer]));
        if (run.First.Span.Text(ConversationName.Attribute) is { } conversation)
        {
            found.UnionWith(_ofConversation[conversation]);
        }

        return _verdicts.Agreed([.. found.Select(i => _evaluations[i])]);
    }

    private IEnumerable<JsonNode?> Attribute(AgentRun run, string name)
    {
        TraceSpan[] spans = [.. run.All.Select(known => known.Span), _rootOf(run.First.Span)];
        return [
            .. spans.Select(span => span.Attributes.GetValueOrDefault(name)),
            .. spans.SelectMany(span => span.Events).Select(item => item.Attributes.GetValueOrDefault(name)),
            run.First.Span.Resource.GetValueOrDefault(name)];
    }
}
