using Rebound.Files;
using Rebound.Files.Messages;
using Rebound.Files.Rows;
using Rebound.Study.Comparison;
using Rebound.Study.Reporting;
using Rebound.Trajectories;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Tests;

public sealed class MethodStudyTests : IDisposable
{
    private static readonly StudySettings Tiny = new()
    {
        Attempts = 60,
        Successes = 8,
        Failures = [6, 12],
        ExamQuestions = 3,
        Seeds = 1,
        Recipe = new StudentRecipe { Steps = 3, HiddenSize = 24, Heads = 2, FeedForwardSize = 32, Layers = 1 },
    };

    private readonly string _path = Directory.CreateTempSubdirectory("rebound-study-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public async Task Every_student_is_trained_and_examined_and_the_report_stands_alone()
    {
        var folder = new StudyFolder(_path);
        using var study = Study(Tiny);
        var results = await RunAsync(study);

        Assert.Equal(
            ["vanilla-seed1", "nut-6-seed1", "nut-12-seed1", "nat-6-seed1", "nat-12-seed1"], results.Runs.Select(run => run.Run.Name));
        Assert.All(results.Runs, run => Assert.Equal((3, 3), (run.Losses.Count, run.Right.Count)));
        Assert.All(results.Runs, run => Assert.Equal(
            run.Run.Method == TrainingMethod.Nat ? ["positive", "none", "negative"] : (string[])["none"],
            run.Exams.Select(exam => exam.Condition)));

        await StudyReport.WriteAsync(study, folder, results, "a test's machine", TestContext.Current.CancellationToken);
        var report = await File.ReadAllTextAsync(folder.ReportPath, TestContext.Current.CancellationToken);
        Assert.Contains("<mark>Thought: ", report, StringComparison.Ordinal);
        Assert.Contains(
            $"{DurationText.Of(TimeSpan.FromSeconds(results.Seconds))} on a test&#39;s machine", report, StringComparison.Ordinal);
        Assert.All(
            (string[])["http:", "https:", " src=", "url(", "<script", "<link", "NaN"],
            needle => Assert.DoesNotContain(needle, report, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_comparison_that_is_started_again_makes_only_what_is_missing()
    {
        var folder = new StudyFolder(_path);
        var before = await RunAsync(Tiny);
        var (kept, lost) = (before.Runs[0].Run, before.Runs[^1].Run);
        var written = File.GetLastWriteTimeUtc(Path.Combine(folder.StudentPath(kept), "model.safetensors"));
        File.Delete(Path.Combine(folder.StudentPath(lost), "config.json"));

        var after = await RunAsync(Tiny);

        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(folder.StudentPath(kept), "model.safetensors")));
        Assert.Equal(before.Runs.Select(run => run.Losses), after.Runs.Select(run => run.Losses));
        Assert.Equal(before.Table.Scores.Select(score => score.Mean), after.Table.Scores.Select(score => score.Mean));
    }

    [Fact]
    public async Task Other_settings_are_not_mixed_into_a_folder()
    {
        await RunAsync(Tiny);

        var error = Assert.Throws<DataException>(() => Study(Tiny with { Seed = 2 }));

        Assert.Contains("seed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_studies_do_not_work_in_one_folder_at_a_time()
    {
        using (Study(Tiny))
        {
            Assert.Contains(_path, Assert.Throws<FolderInUseException>(() => Study(Tiny)).Message, StringComparison.Ordinal);
        }

        Study(Tiny).Dispose();
    }

    private MethodStudy Study(StudySettings settings) => new(new StudyFolder(_path), settings, TimeProvider.System);

    private async Task<StudyResults> RunAsync(StudySettings settings)
    {
        using var study = Study(settings);
        return await RunAsync(study);
    }

    private static async Task<StudyResults> RunAsync(MethodStudy study)
    {
        var teacher = await study.CollectAsync(_ => { }, TestContext.Current.CancellationToken);
        return await study.RunAsync(teacher, cores: 2, _ => { }, TestContext.Current.CancellationToken);
    }
}
