using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Files;
using Rebound.Study.Worlds;

namespace Rebound.Study.Comparison;

/// <summary>
/// The folder of a comparison: <c>questions/</c> by split, <c>teacher/</c> with the collected trajectories, <c>tokenizer/</c>,
/// <c>prompt.yml</c>, <c>task.yml</c>, a folder of <c>students/</c> for every run, and <c>report.html</c>.
/// </summary>
public sealed class StudyFolder(string path)
{
    private const string PromptFileName = "prompt.yml";

    private const string Prompt = """
        # How students are asked. Training puts the condition of each trajectory's outcome before its question;
        # the exam asks under the positive one.
        question: "{question}"
        conditions:
          positive:
            when: {reward: true}
            prefix: "Solve it right. "
          negative:
            when: {reward: false}
            prefix: "Solve it wrong. "

        """;

    public string Location => path;

    public string SettingsPath => Path.Combine(path, "settings.json");

    public string TeacherPath => Path.Combine(path, "teacher");

    public string PromptPath => Path.Combine(path, PromptFileName);

    public string TaskPath => Path.Combine(path, "task.yml");

    public string ReportPath => Path.Combine(path, "report.html");

    public string ResultsPath => Path.Combine(path, "results.json");

    private string TimePath => Path.Combine(path, "time.json");

    public string QuestionsPath(string split) => Path.Combine(path, "questions", $"{split}.jsonl");

    public string StudentPath(StudyRun run) => Path.Combine(path, "students", run.Name);

    /// <summary>The evaluation of a student, with a folder for every condition.</summary>
    internal string ExamPath(StudyRun run) => Path.Combine(StudentPath(run), "exam");

    /// <summary>The time that the study took, or has taken so far.</summary>
    internal double ReadSeconds()
    {
        var file = File.Exists(ResultsPath) ? ResultsPath : TimePath;
        return File.Exists(file) ? (double?)JsonFile.Read(file)["seconds"] ?? 0 : 0;
    }

    /// <summary>Keeps the time that an unfinished study has taken so far.</summary>
    internal void WriteSeconds(double seconds) => WholeFile.WriteJson(TimePath, new JsonObject { ["seconds"] = Math.Round(seconds, 1) });

    /// <summary>Writes a split as question files are.</summary>
    internal void WriteQuestions(string split, IEnumerable<WordProblem> problems)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(QuestionsPath(split))!);
        WholeFile.WriteText(QuestionsPath(split), string.Concat(problems.Select(problem => new JsonObject
        {
            ["id"] = problem.Id,
            ["question"] = problem.Text,
            ["answer"] = problem.GroundTruth,
        }.ToJsonString() + "\n")));
    }

    /// <summary>Writes how students are asked, and the exam as a task that <c>rebound evaluate</c> and <c>chat</c> take.</summary>
    internal void WriteTask(string split)
    {
        WholeFile.WriteText(PromptPath, Prompt);
        WholeFile.WriteText(TaskPath, $"""
            name: word-problems
            questions: questions/{split}.jsonl
            scorer: math
            tools: [calculate]
            prompt: {PromptFileName}

            """);
    }
}
