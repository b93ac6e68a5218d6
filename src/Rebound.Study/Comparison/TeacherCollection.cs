using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Study.Teaching;
using Rebound.Study.Worlds;

namespace Rebound.Study.Comparison;

/// <summary>Lets the teacher try every training question once, with the real tools in the real loop.</summary>
internal sealed class TeacherCollection(StudyFolder folder, StudySettings settings, TimeProvider time)
{
    private readonly ErringTeacher _teacher = new(settings.Habits);

    /// <param name="progress">Told after every episode how many there are, and how many were right.</param>
    public async Task<TeacherRecord> CollectAsync(
        IReadOnlyList<WordProblem> problems, Action<CollectionTotals> progress, CancellationToken cancellation)
    {
        var byId = problems.ToDictionary(problem => problem.Id, StringComparer.Ordinal);
        var tools = new ToolSet(new CalculateTool());
        using var episodes = CollectionFolder.Open(
            folder.TeacherPath, new JsonObject { ["agent"] = "a teacher that errs", ["settings"] = settings.Describe() });
        var result = await new Collector(episodes, new Budget(), concurrency: 1, time).RunAsync(
            Attempt.Plan([.. problems.Select(problem => problem.Question)], [0], samples: 1),
            (attempt, stop) => new EpisodeRunner(
                _teacher.Try(byId[attempt.Question.IdText], SeedOf(attempt.Question)), tools, new MathScorer(),
                new EpisodeOptions { StepLimit = 9, Temperature = 0 }, time)
                .RunAsync(attempt.Question, [], stop),
            (_, totals) => progress(totals),
            cancellation);
        return new TeacherRecord(
            result.Totals.Successes,
            result.Totals.Episodes - result.Totals.Successes,
            result.Totals.Causes,
            problems.SelectMany(problem =>
                _teacher.MistakesAt(problem, SeedOf(problem.Question))).CountBy(mistake => mistake).ToDictionary());
    }

    private long SeedOf(TaskQuestion question) => EpisodeSeed.Of(settings.Seed, question.IdText);
}
