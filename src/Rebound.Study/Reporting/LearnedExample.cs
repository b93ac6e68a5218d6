using System.Text;
using Rebound.Agents.Tasks;
using Rebound.Study.Improvement;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Study.Reporting;

/// <summary>
/// A held-out question that the last round's model gets right and the one to begin with did not, with how both went about it.
/// </summary>
internal sealed record LearnedExample(TaskQuestion Question, IReadOnlyList<Turn> Before, IReadOnlyList<Turn> After)
{
    private const int Most = 3;

    /// <summary>A few, those of the shortest questions.</summary>
    public static async Task<IReadOnlyList<LearnedExample>> FindAsync(
        AgentImprovement improvement, ImprovementResults results, CancellationToken cancellation)
    {
        var questions = results.Change.Gained.Select(place => results.HeldOut[place])
            .OrderBy(question => question.Question.Length).Take(Most).ToArray();
        if (questions.Length == 0)
        {
            return [];
        }

        var before = await ReadAsync(improvement.Round(0), "negative.json", cancellation);
        var after = await ReadAsync(improvement.Round(results.Rounds[^1].Round), "positive.json", cancellation);
        return
        [
            .. questions.Where(question => before.ContainsKey(question.IdText) && after.ContainsKey(question.IdText))
                .Select(question => new LearnedExample(question, before[question.IdText], after[question.IdText])),
        ];
    }

    public static string ToHtml(IReadOnlyList<LearnedExample> examples, ImprovementResults results)
    {
        if (examples.Count == 0)
        {
            return "";
        }

        var html = new StringBuilder(
            $"<h2>Questions that were learned</h2><p>{HtmlText.Count(results.Change.Gained.Count)} questions that the model got wrong to "
                + $"begin with it gets right after round {results.Rounds[^1].Round}; {HtmlText.Count(results.Change.Lost.Count)} went the "
                + "other way. Some of the former:</p>");
        foreach (var example in examples)
        {
            html.Append($"<p>{HtmlText.Escape(example.Question.Question)}</p><div class=\"pair\">");
            html.Append(Card("bad", "To begin with", example.Before)).Append(Card("good", "Now", example.After)).Append("</div>");
        }

        return html.ToString();
    }

    private static string Card(string style, string heading, IReadOnlyList<Turn> turns) =>
        $"<div class=\"card\"><h3 class=\"{style}\">{heading}</h3><pre>{TrajectorySections.Turns(turns)}</pre></div>";

    /// <summary>The evaluation's only condition has a folder of its own.</summary>
    private static async Task<Dictionary<string, IReadOnlyList<Turn>>> ReadAsync(
        RoundFolder round, string file, CancellationToken cancellation)
    {
        var turns = new Dictionary<string, IReadOnlyList<Turn>>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateDirectories(round.EvaluationPath).Select(folder => Path.Combine(folder, file)))
        {
            await foreach (var trajectory in TrajectoryFile.ReadAsync(path, cancellation: cancellation))
            {
                turns[trajectory.Id] = trajectory.Turns;
            }
        }

        return turns;
    }
}
