using System.Text.Json.Nodes;
using Rebound.Study.Results;
using Rebound.Study.Worlds;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>The results of a comparison.</summary>
/// <param name="Exam">The questions of the exam, in the order of <see cref="StudentResult.Right"/>.</param>
/// <param name="Seconds">From the first question to the last answer, in all processes that were at work.</param>
public sealed record StudyResults(
    StudySettings Settings, TeacherRecord Teacher, IReadOnlyList<WordProblem> Exam, IReadOnlyList<StudentResult> Runs, double Seconds)
{
    /// <summary>The task of the exam, as tables name it.</summary>
    internal const string Exercise = "word problems";

    /// <summary>The scores of every kind of student, with their differences.</summary>
    public ScoreTable Table { get; } = new(Runs.Select(run => run.Measured), [Exercise]);

    /// <summary>The most failures that students learned from.</summary>
    public int MostFailures => Runs.Max(run => run.Run.Negatives);

    /// <summary>NAT to NUT, NUT to vanilla and NAT to vanilla, with all failures.</summary>
    public IReadOnlyList<ArmGap> Gaps =>
    [
        Between(TrainingMethod.Nat, TrainingMethod.Nut), Between(TrainingMethod.Nut, TrainingMethod.Vanilla),
        Between(TrainingMethod.Nat, TrainingMethod.Vanilla),
    ];

    /// <summary>The methods' accuracy against the number of failures.</summary>
    public IReadOnlyList<FailureLine> Lines => [.. FailureLine.Of(Table).SelectMany(lines => lines)];

    /// <summary>The students of a method that learned from all failures.</summary>
    public Arm ArmOf(TrainingMethod method) => StudyRun.ArmOf(method, method == TrainingMethod.Vanilla ? 0 : MostFailures);

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
        ["scores"] = new JsonArray([.. Table.Scores.Select(score => new JsonObject
        {
            ["method"] = score.Arm.Method,
            ["negatives"] = score.Arm.Failures,
            ["accuracy"] = score.Mean,
            ["low"] = score.Interval.Low,
            ["high"] = score.Interval.High,
            ["seeds"] = Numbers(score.Seeds),
        })]),
        ["gaps"] = new JsonArray([.. Gaps.Select(gap => new JsonObject
        {
            ["method"] = gap.Arm.Method,
            ["other"] = gap.Other.Method,
            ["negatives"] = gap.Arm.Failures,
            ["difference"] = gap.Mean,
            ["low"] = gap.Interval.Low,
            ["high"] = gap.Interval.High,
            ["seeds"] = Numbers(gap.Seeds),
        })]),
        ["more_failures"] = new JsonArray([.. Lines.SelectMany(line => line.Steps).Select(step => new JsonObject
        {
            ["method"] = step.Arm.Method,
            ["from"] = step.Other.Failures,
            ["to"] = step.Arm.Failures,
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

    private ArmGap Between(TrainingMethod method, TrainingMethod other) => Table.Between(ArmOf(method), ArmOf(other))!;

    private static JsonArray Numbers(IEnumerable<double> values) => [.. values.Select(value => JsonValue.Create(value))];

    private static JsonObject Counts<T>(IReadOnlyDictionary<T, int> counts) where T : notnull =>
        new(
            counts.OrderByDescending(count =>
                count.Value).Select(count => KeyValuePair.Create<string, JsonNode?>($"{count.Key}", count.Value)));
}
