using System.Runtime.Versioning;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Where nothing can be written: said before the work starts, in the same words everywhere, and nothing is left.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OutputRightsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-rights-").FullName;

    public OutputRightsTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Rights are taken away as POSIX has them.");
        File.WriteAllText(
            Path("rows.jsonl"),
            """{"expression": "1+1", "text": "a", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"""
                + "\n");
        Directory.CreateDirectory(Path("closed"));
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Path("closed"), (UnixFileMode)0b101_101_101);
    }

    public void Dispose()
    {
        File.SetUnixFileMode(Path("closed"), (UnixFileMode)0b111_101_101);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("data convert {rows} --to nat --output {closed}/out.jsonl")]
    [InlineData("data split {rows} --held-out 1 --output {closed}/a.jsonl --held-out-output {closed}/b.jsonl")]
    [InlineData("data clean {rows} --output {closed}/out.jsonl")]
    [InlineData("data index {rows} --output {closed}/out.db")]
    [InlineData("tool calculate --input {rows} --output {closed}/out.jsonl")]
    [InlineData("generate --model none --input {rows} --output {closed}/out.jsonl")]
    [InlineData("init --tokenizer none --output {closed}/model")]
    [InlineData("merge --adapter none --output {closed}/model")]
    [InlineData("train --model none --data {rows} --output-dir {closed}/run")]
    [InlineData("train --model none --data {rows} --output-dir {folder}/run --logging-dir {closed}/log")]
    [InlineData("collect --model none --task gsm8k --question-path {rows} --output-dir {closed}/run")]
    [InlineData("evaluate --model none --task gsm8k --question-path {rows} --output-dir {closed}/run")]
    [InlineData("demo --output-dir {closed}/demo")]
    public void A_folder_that_takes_no_files_is_named_before_any_work(string command)
    {
        var run = NobodysRun.Of(
            command.Replace("{rows}", Path("rows.jsonl")).Replace("{closed}", Path("closed")).Replace("{folder}", _folder));
        Assert.Equal(2, run.ExitCode);
        Assert.Matches($"{Path("closed")}.* cannot be written: {Path("closed")} takes no new files\\.", run.Error);
        Assert.DoesNotContain(".partial", run.Error);
        Assert.Empty(Directory.GetFileSystemEntries(Path("closed")));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder).Length);
    }

    [Fact]
    public void A_chat_that_cannot_be_saved_is_said_by_the_name_that_was_given()
    {
        TinyChatModel.Write(Path("model"));
        var run = NobodysRun.Of($"chat --model {Path("model")} --max-tokens 2 --threads 1", $"red?\n/save {Path("closed/chat.jsonl")}\n");
        Assert.Contains($"rebound: {Path("closed/chat.jsonl")}: access is denied.", run.Error);
        Assert.Empty(Directory.GetFileSystemEntries(Path("closed")));
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
