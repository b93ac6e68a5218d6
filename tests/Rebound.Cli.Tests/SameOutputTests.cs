using System.Text.Json.Nodes;
using Rebound.Files;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Two runs with one output: the second is told so, and leaves the first alone.</summary>
public sealed class SameOutputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-same-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_in_which_another_run_is_at_work_is_left_to_it_whatever_is_there_by_now()
    {
        using var training = new TrainingFolder();
        ReboundProcess.Run(training.Arguments("--max-steps", "1", "--save-steps", "1")).Succeeded();
        File.WriteAllText(Path("questions.jsonl"), """{"question": "2+2?", "answer": "#### 4"}""" + "\n");
        Directory.CreateDirectory(Path("out"));
        using var first = FolderLock.Take(Path("out"));
        using var second = FolderLock.Take(training.Path("out"));
        string[] asked = ["--task", "gsm8k", "--question-path", Path("questions.jsonl"), "--model", training.Path("model"),
            "--output-dir", Path("out")];

        InUse(training.Arguments("--max-steps", "1"));
        InUse(training.Arguments("--max-steps", "2", "--resume", "auto"));
        InUse(["collect", .. asked]);
        InUse(["evaluate", .. asked]);
        InUse(["demo", "--output-dir", Path("out")]);
    }

    [Fact]
    public void A_file_or_folder_that_another_run_makes_is_left_to_it()
    {
        File.WriteAllText(
            Path("rows.jsonl"),
            """{"expression": "1+1", "text": "a", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"""
                + "\n");
        TinyChatModel.Write(Path("model"));
        using (FolderLock.TakeName(Path("new")))
        {
            InUse(["data", "index", Path("rows.jsonl"), "--output", Path("new")]);
            InUse(["data", "convert", Path("rows.jsonl"), "--to", "nat", "--output", Path("new")]);
            InUse(["tool", "calculate", "--input", Path("rows.jsonl"), "--output", Path("new")]);
            InUse(["init", "--tokenizer", Path("model"), "--output", Path("new")]);
            InUse(["merge", "--model", Path("model"), "--adapter", Path("model"), "--output", $"{Path("new")}/"]);
        }

        ReboundProcess.Run("tool", "calculate", "--input", Path("rows.jsonl"), "--output", Path("new")).Succeeded();
        Assert.Equal("2", (string?)JsonNode.Parse(File.ReadAllText(Path("new")))!["result"]);
        Assert.Empty(Directory.GetFiles(_folder, ".*"));
    }

    private static void InUse(string[] arguments) => Assert.Contains("another run may be at work", ReboundProcess.Run(arguments).Refused());

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
