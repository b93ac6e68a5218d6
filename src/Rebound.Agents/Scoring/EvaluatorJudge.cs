using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;
using Rebound.Agents.Episodes;
using Rebound.Trajectories.Chat;

namespace Rebound.Agents.Scoring;

/// <summary>
/// An evaluator of Microsoft.Extensions.AI.Evaluation as a judge. The answer is right when none of its metrics says otherwise: one that is
/// true or false has to be true, any other one's interpretation must not be that it failed.
/// </summary>
/// <param name="configuration">The model that the evaluator asks; null for one that asks none.</param>
/// <param name="contexts">Context for the evaluator beside the conversation, such as the right answer; null for nothing.</param>
public sealed class EvaluatorJudge(
    IEvaluator evaluator, ChatConfiguration? configuration = null,
    Func<JudgedEpisode, IEnumerable<EvaluationContext>>? contexts = null) : IJudge
{
    public async Task<Score> JudgeAsync(JudgedEpisode episode, CancellationToken cancellation = default)
    {
        EvaluationResult result;
        try
        {
            result = await evaluator.EvaluateAsync(
                [.. episode.Prompt.Concat(episode.Turns).Select(ChatMessages.ToMessage)],
                new ChatResponse(new ChatMessage(ChatRole.Assistant, episode.Answer)),
                configuration,
                contexts?.Invoke(episode),
                cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && e is not OutOfMemoryException)
        {
            throw new JudgeException($"the evaluator {evaluator.GetType().Name} failed: {e.Message}", e);
        }

        var verdicts = result.Metrics.Values.Select(metric => (metric.Name, Right: IsRight(metric))).ToArray();
        var isRight = verdicts.Length > 0
            ? Array.TrueForAll(verdicts, verdict => verdict.Right)
            : throw new JudgeException($"the evaluator {evaluator.GetType().Name} gave no metric, and so no verdict.");
        return new Score(isRight, null, new JsonObject
        {
            ["reward"] = isRight,
            ["gt"] = episode.Question.GroundTruth?.DeepClone(),
            ["pred"] = episode.Answer,
            ["metrics"] = new JsonObject(verdicts.Select(verdict => KeyValuePair.Create<string, JsonNode?>(verdict.Name, verdict.Right))),
        });
    }

    private static bool IsRight(EvaluationMetric metric) => metric switch
    {
        BooleanMetric { Value: { } value } => value,
        { Interpretation: { } interpretation } => !interpretation.Failed,
        _ => throw new JudgeException(
            $"the metric '{metric.Name}' says neither success nor "
                + $"failure.{string.Concat((metric.Diagnostics ?? []).Select(diagnostic => $" {diagnostic.Message}"))}"),
    };
}
