using System.Text.Json.Nodes;
using Rebound.Study.Worlds;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>The results of a comparison.</summary>
/// <param name="Exam">The questions of the exam, in the order of <see cref="StudentResult.Right"/>.</param>
/// <param name="Seconds">From the first question to the last answer, in all processes that were at work.</param>
public sealed record StudyResults(
    StudySettings Settings, TeacherRecord Teacher, IReadOnlyList<WordProblem> Exam, IReadOnlyList<StudentResult> Runs, double Seconds)
{
    public IReadOnlyList<MethodScore> Scores { get; } = MethodScore.Of(Runs);

    public IReadOnlyList<MethodGap> Gaps { get; } = MethodGap.Of(Runs);

    public IReadOnlyList<FailureStep> FailureSteps { get; } = FailureStep.Of(Runs);

    public JsonObject ToJson() => new()
    {
        ["settings"] = Settings.Describe(),
        ["teacher"] = new JsonObject
        {
            ["positives"] = Teacher.Positives,
            ["negatives"] = Teacher.Negatives,
            ["causes"] = Counts(Teacher.Causes),
            ["mistakes"] = Counts(Teacher.Mistakes),
        },
        ["scores"] = new JsonArray([.. Scores.Select(score => new JsonObject
        {
            ["method"] = score.Method.Name(),
            ["negatives"] = score.Negatives,
            ["accuracy"] = score.Mean,
            ["low"] = score.Interval.Low,
            ["high"] = score.Interval.High,
            ["seeds"] = Numbers(score.Seeds),
        })]),
        ["gaps"] = new JsonArray([.. Gaps.Select(gap => new JsonObject
        {
            ["method"] = gap.Method.Name(),
            ["other"] = gap.Other.Name(),
            ["negatives"] = gap.Negatives,
            ["difference"] = gap.Mean,
            ["low"] = gap.Interval.Low,
            ["high"] = gap.Interval.High,
            ["seeds"] = Numbers(gap.Seeds),
        })]),
        ["more_failures"] = new JsonArray([.. FailureSteps.Select(step => new JsonObject
        {
            ["method"] = step.Method.Name(),
            ["from"] = step.Fewer,
            ["to"] = step.More,
            ["difference"] = step.Mean,
            ["low"] = step.Interval.Low,
            ["high"] = step.Interval.High,
            ["seeds"] = Numbers(step.Seeds),
        })]),
        ["runs"] = new JsonArray([.. Runs.Select(run => new JsonObject
        {
            ["run"] = run.Run.Name,
            ["loss"] = run.Losses[^1],
            ["exams"] = new JsonObject(run.Exams.Select(exam => KeyValuePair.Create<string, JsonNode?>(exam.Condition, exam.ToJson()))),
        })]),
        ["seconds"] = Math.Round(Seconds, 1),
    };

    private static JsonArray Numbers(IEnumerable<double> values) => [.. values.Select(value => JsonValue.Create(value))];

    private static JsonObject Counts<T>(IReadOnlyDictionary<T, int> counts) where T : notnull =>
        new(
            counts.OrderByDescending(count =>
                count.Value).Select(count => KeyValuePair.Create<string, JsonNode?>($"{count.Key}", count.Value)));
}
