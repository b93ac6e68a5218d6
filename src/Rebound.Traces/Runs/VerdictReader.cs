using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Traces.Otlp;
using Rebound.Trajectories.Formats;

namespace Rebound.Traces.Runs;

/// <summary>Reads values and evaluations (<c>gen_ai.evaluation.result</c>) as outcomes.</summary>
/// <param name="atLeast">The least score of a success; null where scores are 0 and 1.</param>
internal sealed class VerdictReader(double? atLeast)
{
    /// <summary>The name of an evaluation's event.</summary>
    public const string Result = "gen_ai.evaluation.result";

    /// <summary>The attribute that names an evaluation.</summary>
    public const string Name = "gen_ai.evaluation.name";

    /// <summary>Why there is no verdict where there is no evaluation.</summary>
    public const string NoEvaluation = "no evaluation";

    private const string Label = "gen_ai.evaluation.score.label";
    private const string Score = "gen_ai.evaluation.score.value";

    /// <summary>The verdict of evaluations, which have to agree.</summary>
    public Verdict Agreed(IReadOnlyList<TraceEvent> evaluations)
    {
        if (evaluations.Count == 0)
        {
            return new Verdict(null, NoEvaluation, null);
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
    public double? Read(JsonNode? value)
    {
        if (value is not JsonValue single)
        {
            return null;
        }

        var (score, isWord) = single.GetValueKind() switch
        {
            JsonValueKind.True => (1, true),
            JsonValueKind.False => (0, true),
            JsonValueKind.Number => (double.Parse(single.ToJsonString(), CultureInfo.InvariantCulture), false),
            JsonValueKind.String when TraceValues.Text(single) is { } text => (OutcomeWords.Read(text), IsWord(text)),
            _ => ((double?)null, false),
        };
        return score is not { } known ? null
            : atLeast is { } least && !isWord ? known >= least ? 1 : 0
            : known is 0 or 1 ? known : null;
    }

    private static bool IsWord(string text) => text.Any(char.IsLetter);
}
