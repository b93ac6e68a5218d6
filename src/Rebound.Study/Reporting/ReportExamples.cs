using Rebound.Study.Comparison;
using Rebound.Study.Worlds;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Reporting;

/// <summary>Single trajectories that a report shows.</summary>
/// <param name="Success">A success as a NAT student reads it, cut where the loss begins and ends.</param>
/// <param name="Failure">The same of a failure.</param>
/// <param name="Question">One that the NUT student got wrong and the NAT student of the same seed
/// got right; null where there is none.</param>
/// <param name="NutTurns">How the NUT student went about it.</param>
/// <param name="NatTurns">How the NAT student did.</param>
internal sealed record ReportExamples(
    IReadOnlyList<LossSpan> Success, IReadOnlyList<LossSpan> Failure, WordProblem? Question,
    IReadOnlyList<Turn> NutTurns, IReadOnlyList<Turn> NatTurns)
{
    public static async Task<ReportExamples> FindAsync(
        MethodStudy study, StudyFolder folder, StudyResults results, CancellationToken cancellation)
    {
        var most = results.Runs.Max(run => run.Run.Negatives);
        var nat = results.Runs.First(run => run.Run.Method == TrainingMethod.Nat && run.Run.Negatives == most);
        var nut = results.Runs.First(run =>
            run.Run.Method == TrainingMethod.Nut && run.Run.Negatives == most && run.Run.Seed == nat.Run.Seed);
        var (dataset, tokenizer) = await study.DocumentsAsync(nat.Run, cancellation);
        var question = results.Exam.Index().Where(problem => nat.Right[problem.Index] > nut.Right[problem.Index])
            .Select(problem => problem.Item).OrderBy(problem => problem.Text.Length).FirstOrDefault();
        return new ReportExamples(
            Spans(Outcome.Positive),
            Spans(Outcome.Negative),
            question,
            question is null ? [] : await TurnsAsync(nut, "negative.json"),
            question is null ? [] : await TurnsAsync(nat, "positive.json"));

        IReadOnlyList<LossSpan> Spans(string outcome) =>
            [.. LossPreview.Of(dataset.Documents.First(document => document.Outcome == outcome), tokenizer)];

        async Task<IReadOnlyList<Turn>> TurnsAsync(StudentResult run, string file)
        {
            var path = Path.Combine(folder.ExamPath(run.Run), run.Exams[0].Condition, file);
            await foreach (var trajectory in TrajectoryFile.ReadAsync(path, cancellation: cancellation))
            {
                if (trajectory.Id == question.Id)
                {
                    return trajectory.Turns;
                }
            }

            return [];
        }
    }
}
