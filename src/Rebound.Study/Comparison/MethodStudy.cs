using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Study.Worlds;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Comparison;

/// <summary>
/// The whole method on one machine: a world of questions, a teacher's trajectories, students of every method at several numbers
/// of failures with several seeds, and their exams. What a folder already holds is not made again. It is this study's alone until
/// that is disposed.
/// </summary>
public sealed class MethodStudy : IDisposable
{
    /// <summary>Of a run's time, what training takes; the exams take the rest.</summary>
    private const double TrainingShare = 0.9;

    private readonly StudyFolder _folder;
    private readonly FolderLock _lock;
    private readonly StudySettings _settings;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly double _secondsBefore;
    private readonly IReadOnlyList<WordProblem> _train;
    private readonly IReadOnlyList<WordProblem> _exam;
    private StudentText? _text;

    /// <summary>Builds the world and opens its folder.</summary>
    /// <exception cref="DataException">The folder holds a comparison with other settings.</exception>
    /// <exception cref="IOException">Another run is at work there.</exception>
    public MethodStudy(StudyFolder folder, StudySettings settings, TimeProvider time)
    {
        (_folder, _settings, _time, _started) = (folder, settings, time, time.GetTimestamp());
        var world = new WordProblemWorld(settings.Seed, settings.MostEvents);
        _train = world.Take(WorldSplits.Train, settings.Attempts);
        var validation = world.Take(WorldSplits.Validation, settings.ExamQuestions);
        var test = world.Take(WorldSplits.Test, settings.ExamQuestions);
        _exam = settings.Split == WorldSplits.Test ? test : validation;
        Directory.CreateDirectory(folder.Location);
        _lock = FolderLock.Take(folder.Location);
        try
        {
            RunDescription.Keep(folder.SettingsPath, settings.Describe());
            _secondsBefore = folder.ReadSeconds();
            folder.WriteQuestions(WorldSplits.Train, _train);
            folder.WriteQuestions(WorldSplits.Validation, validation);
            folder.WriteQuestions(WorldSplits.Test, test);
            folder.WriteTask(settings.Split);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>The question that the teacher tries first, to show people.</summary>
    public WordProblem Sample => _train[0];

    /// <summary>Keeps the time that an unfinished study took so far.</summary>
    public void Dispose()
    {
        if (!File.Exists(_folder.ResultsPath))
        {
            _folder.WriteSeconds(Seconds);
        }

        _lock.Dispose();
    }

    /// <summary>From the first question on, in all processes that have been at work.</summary>
    private double Seconds => _secondsBefore + _time.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Lets the teacher try every training question.</summary>
    public Task<TeacherRecord> CollectAsync(Action<CollectionTotals> progress, CancellationToken cancellation) =>
        new TeacherCollection(_folder, _settings, _time).CollectAsync(_train, progress, cancellation);

    /// <summary>The students that there will be.</summary>
    public IReadOnlyList<StudyRun> Plan(TeacherRecord teacher) => StudyRun.Plan(
        [.. _settings.Failures.Select(count => Math.Min(count, teacher.Negatives)).Distinct()], _settings.Seeds);

    /// <summary>Trains and examines every student, several at a time, each on cores of its own.</summary>
    /// <param name="cores">Cores of the machine.</param>
    /// <param name="progress">May be called from several threads.</param>
    public async Task<StudyResults> RunAsync(
        TeacherRecord teacher, int cores, Action<StudentProgress> progress, CancellationToken cancellation)
    {
        var runs = Plan(teacher);
        var text = _text ??= await TrainTextAsync(cancellation);
        var isRepetition = File.Exists(_folder.ResultsPath) && runs.All(Training(text).IsDone);
        var atOnce = Math.Min(cores, runs.Count);
        var results = new StudentResult[runs.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, runs.Count),
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellation },
            async (index, stop) =>
            {
                // Training computes without pause: it must not start on the thread that hands out the runs.
                await Task.Yield();
                using var backend = new CpuBackend(Math.Max(1, cores / atOnce));
                results[index] = await RunAsync(runs[index], backend, text, progress, stop);
            });
        var all = new StudyResults(_settings, teacher, _exam, results, isRepetition ? _secondsBefore : Seconds);
        WholeFile.WriteJson(_folder.ResultsPath, all.ToJson());
        return all;
    }

    /// <summary>The documents of a student, and what makes text of them again.</summary>
    public async Task<(Dataset Documents, Text.Tokenizer Tokenizer)> DocumentsAsync(StudyRun run, CancellationToken cancellation)
    {
        var text = _text ??= await TrainTextAsync(cancellation);
        return (Training(text).Load(run, cancellation), text.Tokenizer);
    }

    private StudentTraining Training(StudentText text) => new(_folder, _settings, text, _time);

    private async Task<StudentResult> RunAsync(
        StudyRun run, Backend backend, StudentText text, Action<StudentProgress> progress, CancellationToken cancellation)
    {
        var training = Training(text);
        training.Train(
            run, backend,
            (step, loss) => progress(new StudentProgress(run, TrainingShare * step / _settings.Recipe.Steps, loss, null)),
            cancellation);
        var exams = await new StudentEvaluation(_folder, [.. _exam.Select(problem => problem.Question)]).EvaluateAsync(
            run, backend,
            share => progress(new StudentProgress(run, TrainingShare + ((1 - TrainingShare) * share), null, null)), cancellation);
        var result = new StudentResult(run, training.Losses(run), exams);
        progress(new StudentProgress(run, 1, null, result.Accuracy));
        return result;
    }

    /// <summary>The vocabulary is that of all questions and all that the teacher wrote and saw.</summary>
    private async Task<StudentText> TrainTextAsync(CancellationToken cancellation)
    {
        var texts = _train.Select(problem => problem.Text).ToList();
        foreach (var file in (string[])["positive.json", "negative.json"])
        {
            await foreach (var trajectory in TrajectoryFile.ReadAsync(Path.Combine(_folder.TeacherPath, file), cancellation: cancellation))
            {
                texts.AddRange(trajectory.Turns.Select(turn => turn.Content));
            }
        }

        texts.AddRange(
            Trajectories.Selection.PromptSetup.Open(_folder.PromptPath).Conditions.Select(condition => condition.Wording.Prefix));
        return StudentText.Train(texts, _settings.Recipe.VocabularySize);
    }
}
