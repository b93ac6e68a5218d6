using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests;

public sealed class PathTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-paths-").FullName;

    private string Rows
    {
        get
        {
            var path = Path.Combine(_folder, "rows.jsonl");
            File.WriteAllText(
                path,
                """{"expression": "1+1", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}""" + "\n");
            return path;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("tool", "calculate", "--input")]
    [InlineData("verify", "--model", "none", "--reference")]
    [InlineData("evaluate", "--task", "gsm8k", "--rescore")]
    public void A_folder_in_the_place_of_a_file_and_a_file_that_is_not_there_are_told_apart(params string[] command)
    {
        Assert.Contains($"{_folder} is a folder; give the name of a file.", ReboundProcess.Run([.. command, _folder]).Refused());
        Assert.Contains("none does not exist.", ReboundProcess.Run([.. command, Path.Combine(_folder, "none")]).Refused());
    }

    [Theory]
    [InlineData("tool", "calculate", "--input")]
    [InlineData("data", "convert", "--to", "nat", "--input")]
    public void An_output_that_cannot_be_written_is_named_before_any_work(params string[] command)
    {
        var absent = Path.Combine(_folder, "absent");
        string Said(string output) => ReboundProcess.Run([.. command, Rows, "--output", output]).Refused();

        Assert.Contains($"cannot be written: there is no folder {absent}.", Said(Path.Combine(absent, "out.jsonl")));
        Assert.Contains($"cannot be written: {Rows} is a file.", Said(Path.Combine(Rows, "out.jsonl")));
        Assert.Contains($"{_folder} is a folder; give the name of a file.", Said(_folder));
        Assert.Equal([Rows], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_file_in_the_place_of_an_output_folder_is_wrong_input_of_every_command_that_writes_one()
    {
        string[][] commands =
        [
            ["init", "--tokenizer", "none"], ["merge", "--adapter", "none"], ["train", "--model", "none", "--pos-path", Rows],
            ["collect", "--model", "none", "--task", "gsm8k", "--question-path", Rows],
            ["evaluate", "--model", "none", "--task", "gsm8k", "--question-path", Rows],
        ];

        Assert.All(commands, command => Assert.Contains(
            $"--output{(command[0] is "init" or "merge" ? "" : "-dir")} {Rows} is a file; a folder is needed.",
            ReboundProcess.Run([.. command, "--output-dir", Rows]).Refused()));
    }

    [Theory]
    [InlineData("runs/new-1", "runs/new-1")]
    [InlineData("größe", "größe")]
    [InlineData("my runs/new", "'my runs/new'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("a$b", "'a$b'")]
    [InlineData("~x", "'~x'")]
    [InlineData("", "''")]
    public void Paths_of_suggested_commands_are_one_word_of_a_shell(string path, string word) => Assert.Equal(word, ShellText.Quoted(path));
}
