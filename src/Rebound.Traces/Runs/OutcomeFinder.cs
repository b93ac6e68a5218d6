using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Traces.Otlp;
using Rebound.Trajectories.Formats;

namespace Rebound.Traces.Runs;

/// <summary>
/// Finds what evaluations (<c>gen_ai.evaluation.result</c>) or an attribute say of a run. An evaluation belongs to a run by the span that
/// it stands in or names, by the answer's id, or by the conversation's.
/// </summary>
internal sealed class OutcomeFinder(TraceData data, TraceImportOptions options, Func<TraceSpan, TraceSpan> rootOf)
{
    private const string Result = "gen_ai.evaluation.result";
    private const string ResponseId = "gen_ai.response.id";
    private const string ConversationId = "gen_ai.conversation.id";
    private const string Label = "gen_ai.evaluation.score.label";
    private const string Score = "gen_ai.evaluation.score.value";

    private readonly TraceEvent[] _evaluations =
        [.. data.Spans.SelectMany(span => span.Events).Concat(data.Events).Where(item => item.Name == Result)];

    public Verdict Of(AgentRun run)
    {
        if (options.OutcomeAttribute is { } attribute)
        {
            var told = Attribute(run, attribute).FirstOrDefault(value => value is not null);
            return told is null ? new Verdict(null, $"no '{attribute}'", null)
                : Read(told) is { } reward ? new Verdict(reward, null, null)
                : new Verdict(
                    null, $"'{attribute}' is no outcome: numbers on a scale need a least score, and words say success or failure", null);
        }

        var spans = run.All.Select(known => (known.Span.TraceId, known.Span.SpanId)).ToHashSet();
        var answers = run.Chats.Select(chat => chat.Span.Text(ResponseId)).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var conversation = run.First.Span.Text(ConversationId);
        var evaluations = _evaluations.Where(item =>
            (options.Evaluation is null || item.Text("gen_ai.evaluation.name") == options.Evaluation)
            && (spans.Contains((item.TraceId, item.SpanId))
                || (item.Text(ResponseId) is { } answer && answers.Contains(answer))
                || (conversation is not null && item.Text(ConversationId) == conversation && item.Text(ResponseId) is null))).ToArray();
        return Agreed(evaluations);
    }

    private Verdict Agreed(TraceEvent[] evaluations)
    {
        if (evaluations.Length == 0)
        {
            return new Verdict(null, "no evaluation", null);
        }

        var read = evaluations.Select(item => (
            Reward: Read(item.Attributes.GetValueOrDefault(Label)) ?? Read(item.Attributes.GetValueOrDefault(Score)),
            Explanation: item.Text("gen_ai.evaluation.explanation"))).ToArray();
        var verdicts = read.Select(verdict => verdict.Reward).OfType<double>().Distinct().ToArray();
        return verdicts switch
        {
            [] => new Verdict(null, "scores on a scale, which need a least score of a success", null),
            [var reward] => new Verdict(reward, null, read.FirstOrDefault(verdict => verdict.Reward == reward).Explanation),
            _ => new Verdict(null, "evaluations contradict each other; name the one that counts", null),
        };
    }

    /// <summary>1 and 0; null for what is no outcome.</summary>
    private double? Read(JsonNode? value)
    {
        if (value is not JsonValue single)
        {
            return null;
        }

        var (kind, number) = (single.GetValueKind(), 0.0);
        var isNumber = (kind == JsonValueKind.Number && single.TryGetValue(out number))
            || (kind == JsonValueKind.Number && double.TryParse(single.ToJsonString(), CultureInfo.InvariantCulture, out number));
        if (isNumber)
        {
            return options.AtLeast is { } least ? number >= least ? 1 : 0 : number is 0 or 1 ? number : null;
        }

        return kind is JsonValueKind.True or JsonValueKind.False ? kind == JsonValueKind.True ? 1 : 0
            : TraceValues.Text(single) is { } text && OutcomeWords.Read(text) is { } word ? options.AtLeast is { } bound && !IsWord(text)
                ? word >= bound ? 1 : 0 : word is 0 or 1 ? word : null
            : null;
    }

    private static bool IsWord(string text) => text.Any(char.IsLetter);

    private IEnumerable<JsonNode?> Attribute(AgentRun run, string name)
    {
        TraceSpan[] spans = [.. run.All.Select(known => known.Span), rootOf(run.First.Span)];
        return [
            .. spans.Select(span => span.Attributes.GetValueOrDefault(name)),
            .. spans.SelectMany(span => span.Events).Select(item => item.Attributes.GetValueOrDefault(name)),
            run.First.Span.Resource.GetValueOrDefault(name)];
    }
}
