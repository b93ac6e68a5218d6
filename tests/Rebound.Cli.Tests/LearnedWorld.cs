namespace Rebound.Cli.Tests;

/// <summary>The demo's world as small as can be, and a model that learned a few of its questions by heart, but for slips.</summary>
public sealed class LearnedWorld : IDisposable
{
    public LearnedWorld()
    {
        ReboundProcess.Run(
            "demo", "--attempts", "40", "--successes", "5", "--failures", "1", "--seeds", "1", "--questions", "8", "--steps", "1",
            "--lapses", "0", "--misconception", "0.1", "--output-dir", PathOf("demo")).Succeeded();
        ReboundProcess.Run(
            "train", "--model", PathOf("demo/students/vanilla-seed1"), "--pos-path", PathOf("demo/teacher/positive.json"), "--pos-num", "20",
            "--question-path", Questions, "--prompt", PathOf("demo/prompt.yml"), "--method", "vanilla", "--max-steps", "100",
            "--learning-rate", "3e-3", "--task-name", PathOf("demo/task.yml"), "--save-strategy", "no", "--report-to", "none",
            "--output-dir", Model).Succeeded();
    }

    private string Folder { get; } = Directory.CreateTempSubdirectory("rebound-improve-").FullName;

    public string Model => PathOf("model");

    public string Questions => PathOf("demo/questions/train.jsonl");

    public string PathOf(string name) => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>An improvement of two short rounds.</summary>
    /// <param name="others">Options with values, besides or in place of its own.</param>
    public string[] Improve(string output, params string[] others)
    {
        var options = new Dictionary<string, string>
        {
            ["--model"] = Model,
            ["--question-path"] = Questions,
            ["--task-end-index"] = "20",
            ["--eval-end-index"] = "4",
            ["--rounds"] = "2",
            ["--samples"] = "2",
            ["--temperatures"] = "0.5",
            ["--max-tokens"] = "48",
            ["--max-steps"] = "8",
            ["--learning-rate"] = "1e-3",
            ["--save-steps"] = "3",
            ["--output-dir"] = PathOf(output),
        };
        foreach (var option in others.Chunk(2))
        {
            options[option[0]] = option[1];
        }

        return ["improve", "--deterministic", .. options.SelectMany(option => (string[])[option.Key, option.Value])];
    }
}
