using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Agents.Scoring;
using Rebound.Files.Rows;
using Rebound.Trajectories;

namespace Rebound.Agents.Evaluation;

/// <summary>An agent's scores on questions under one condition.</summary>
/// <param name="Metrics"><c>accuracy</c> first; <c>em</c> and <c>f1</c> where the task is scored with them.</param>
/// <param name="Causes">Failures by cause.</param>
public sealed record ConditionScores(
    string Condition, IReadOnlyList<Metric> Metrics, IReadOnlyDictionary<string, int> Causes, long InputTokens, long OutputTokens)
{
    /// <summary>Reads what the episodes of a folder came to; an episode that was not scored is wrong in every way.</summary>
    /// <param name="attempts">One for each question.</param>
    /// <exception cref="DataException">The folder lacks an episode.</exception>
    public static ConditionScores Read(string condition, CollectionFolder folder, IReadOnlyList<Attempt> attempts, IJudge judge)
    {
        using var log = folder.OpenLog();
        var byKey = log.Rows.ToDictionary(row => row.Key, StringComparer.Ordinal);
        var rows = attempts.Select(attempt => byKey.GetValueOrDefault(attempt.Key)
            ?? throw new DataException(
                folder.EpisodesPath, null, null,
                $"has no episode of question {attempt.Question.IdText} at temperature {attempt.Temperature}.")).ToArray();
        var infos = rows.Select(row => row.Content["info"]!.AsObject()).ToArray();
        var metrics = new List<Metric> { Metric.OfSuccesses("accuracy", [.. rows.Select(row => row.Cause is null)]) };

        // Which numbers there are is the judge's to say, even if no episode came as far as an answer.
        if (judge.Metrics.Contains("em"))
        {
            metrics.Add(Metric.OfSuccesses("em", [.. infos.Select(info => (bool?)info["em"] ?? false)]));
        }

        if (judge.Metrics.Contains("f1"))
        {
            metrics.Add(Metric.OfShares("f1", [.. infos.Select(info => (double?)info["f1"] ?? 0)]));
        }

        var causes = rows.Where(row => row.Cause is not null).CountBy(row => row.Cause!)
            .OrderByDescending(cause => cause.Value).ThenBy(cause => cause.Key, StringComparer.Ordinal).ToDictionary();
        return new ConditionScores(condition, metrics, causes, rows.Sum(row => row.InputTokens), rows.Sum(row => row.OutputTokens));
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["questions"] = Metrics[0].Values.Count };
        foreach (var metric in Metrics)
        {
            json[metric.Name] = metric.ToJson();
        }

        json["causes"] = new JsonObject(Causes.Select(cause => KeyValuePair.Create<string, JsonNode?>(cause.Key, cause.Value)));
        json["input_tokens"] = InputTokens;
        json["output_tokens"] = OutputTokens;
        return json;
    }
}
