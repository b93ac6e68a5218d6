using Rebound.Gateway.Keeping;
using Rebound.Traces;
using Rebound.Traces.Otlp;
using Rebound.Traces.Runs;

namespace Rebound.Gateway.Outcomes;

/// <summary>Outcomes and evaluations by the id of the answer or the conversation that they are of.</summary>
internal sealed class OutcomeBook(TraceImportOptions options)
{
    private readonly Dictionary<string, ToldOutcome> _ofResponse = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ToldOutcome> _ofConversation = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TraceEvent>> _evaluationsOfResponse = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TraceEvent>> _evaluationsOfConversation = new(StringComparer.Ordinal);
    private readonly VerdictReader _verdicts = new(options.AtLeast);
    private int _told;

    public void Tell(string id, bool isConversation, double reward, string? explanation, string? cause) =>
        (isConversation ? _ofConversation : _ofResponse)[id] = new ToldOutcome(reward, explanation, cause, _told++);

    /// <summary>Adds an evaluation, of an answer or else of a conversation. Evaluations of one answer have to agree.</summary>
    public void Add(string id, bool isConversation, TraceEvent evaluation)
    {
        var kept = isConversation ? _evaluationsOfConversation : _evaluationsOfResponse;
        if (!kept.TryGetValue(id, out var list))
        {
            kept[id] = list = [];
        }

        list.Add(evaluation);
    }

    /// <summary>Counts evaluations of what is not there.</summary>
    public int Unmatched(Func<string, bool> hasResponse, Func<string, bool> hasConversation) =>
        _evaluationsOfResponse.Where(kept => !hasResponse(kept.Key)).Sum(kept => kept.Value.Count)
        + _evaluationsOfConversation.Where(kept => !hasConversation(kept.Key)).Sum(kept => kept.Value.Count);

    /// <summary>
    /// The outcome of a conversation: of its last answer, else of the conversation, else of the last of its earlier answers that has one.
    /// A person's word counts before evaluations.
    /// </summary>
    public (Verdict Verdict, string? Cause) Of(IReadOnlyList<Step> path, Func<string, bool> isAmbiguous)
    {
        string? why = null;
        var last = path[^1].Answers;
        var responses = path.Reverse().Where(step => step.Answers.Count > 0).Select(step =>
            step.Answers.Select(answer => answer.Response).OfType<string>().Where(id => !isAmbiguous(id)).ToArray()).ToArray();
        var conversations = last.Select(answer => answer.Conversation).Distinct(StringComparer.Ordinal).ToArray();
        (string[] Ids, bool AreConversations)[] places =
            [(responses[0], false), (conversations, true), .. responses[1..].Select(ids => (ids, false))];
        foreach (var (ids, areConversations) in places)
        {
            var (told, evaluations) = areConversations
                ? (_ofConversation, _evaluationsOfConversation) : (_ofResponse, _evaluationsOfResponse);
            if (ids.Select(id => told.GetValueOrDefault(id)).OfType<ToldOutcome>().MaxBy(outcome => outcome.Number) is { } outcome)
            {
                return (new Verdict(outcome.Reward, null, outcome.Explanation), outcome.Cause);
            }

            var verdict = _verdicts.Agreed([.. ids.SelectMany(id => evaluations.GetValueOrDefault(id) ?? [])
                .Where(item => options.Evaluation is null || item.Text(VerdictReader.Name) == options.Evaluation)]);
            if (verdict.Reward is not null)
            {
                return (verdict, null);
            }

            why = why is null or VerdictReader.NoEvaluation ? verdict.Why : why;
        }

        return (new Verdict(null, why == VerdictReader.NoEvaluation ? "nobody told one" : why, null), null);
    }
}
