namespace Rebound.Cli.Tests;

/// <summary>Standard streams that are full, closed, or left by their reader, and files that are none.</summary>
public sealed class StreamTests : IDisposable
{
    private const string Trajectory = """{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-streams-").FullName;

    public StreamTests() => File.WriteAllLines(Rows, Enumerable.Repeat(Trajectory, 3_000));

    private string Rows => Path("rows.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("train --help")]
    [InlineData("tool calculate 1+1")]
    [InlineData("doctor")]
    [InlineData("data stats $1")]
    [InlineData("data convert $1 --to nat")]
    public void Results_that_a_full_disk_does_not_take_are_a_sentence(string command)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        var run = ShellRun.Of($"$rebound {command} > /dev/full", Rows);
        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith("rebound: Standard output cannot be written: No space left on device.\n", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void Closed_streams_are_said_where_there_is_somebody_to_hear_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone tells which streams were closed.");
        var output = ShellRun.Of("$rebound --help >&-");
        Assert.Equal((1, "rebound: Standard output cannot be written: it is closed.\n"), (output.ExitCode, output.Error));
        Assert.Equal(1, ShellRun.Of("$rebound --help >&- 2>&-").ExitCode);
        var error = ShellRun.Of("$rebound data show 2>&-");
        Assert.Equal((2, "", ""), (error.ExitCode, error.Output, error.Error));
        Assert.Equal("2\n", ShellRun.Of("$rebound tool calculate 1+1 2>&-").Output);
        var input = ShellRun.Of("$rebound tool calculate --input - <&-");
        Assert.Equal((2, "rebound: Standard input is closed.\n"), (input.ExitCode, input.Error.Split('\n')[^2] + "\n"));
    }

    [Theory]
    [InlineData("data convert $1 --to nat --quiet")]
    [InlineData("data show $1 --count 3000")]
    public void A_reader_that_goes_away_ends_the_command_quietly(string command)
    {
        var run = ShellRun.Of($"$rebound {command} | head -1 > /dev/null; exit ${{PIPESTATUS[0]}}", Rows);
        Assert.Equal(("", 141), (run.Error, run.ExitCode));
    }

    [Fact]
    public void What_one_command_of_a_script_prints_is_not_written_over_by_the_next()
    {
        ShellRun.Of(
            "($rebound tool calculate 1+1; $rebound tool calculate 2+2) > \"$1\"; $rebound tool calculate 3+3 >> \"$1\"", Path("out"));
        Assert.Equal("2\n4\n6\n", File.ReadAllText(Path("out")));
    }

    [Fact]
    public void Pipes_are_read_where_that_is_possible_and_named_where_it_is_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes are told from files as Linux has them.");
        Assert.Equal(0, ShellRun.Of("$rebound data show <(cat \"$1\")", Rows).ExitCode);
        var named = ShellRun.Of(
            "mkfifo \"$2\"; (sleep 0.3; cat \"$1\" > \"$2\") & $rebound data convert \"$2\" --to nat", Rows, Path("pipe"));
        Assert.Equal(3_000, named.Output.Count(character => character == '\n'));
        Assert.StartsWith($"{Path("pipe")} is a pipe: waiting for what is written into it.", named.Error);
        Refused("generate --message x --model", Path("pipe"), "is a pipe, and a file is needed");
        Refused("tokenize x --tokenizer", Path("pipe"), "is a pipe, and a file is needed");
        Refused("data show", "/dev/zero", "is a device; give the name of a file.");
        Refused("generate --message x --model", "/dev/zero", "is a device; give the name of a file.");

        Refused("tokenize x --tokenizer y --config", "/dev/zero", "is a device; give the name of a file.");
        var options = ShellRun.Of("(sleep 0.3; echo 'input: x') > \"$1\" & $rebound tool calculate 1+1 --config \"$1\"", Path("pipe"));
        Assert.Equal(2, options.ExitCode);
        Assert.StartsWith($"{Path("pipe")} is a pipe: waiting for what is written into it.", options.Error);
        Assert.Single(options.Error.Split("is a pipe").Skip(1));
        Assert.Contains("An expression and --input x were given", options.Error);

        static void Refused(string command, string path, string reason)
        {
            var run = ShellRun.Of($"$rebound {command} {path}");
            Assert.Equal(2, run.ExitCode);
            Assert.Contains($"{path} {reason}", run.Error);
        }
    }

    private string Path(string name) => System.IO.Path.Combine(_folder, name);
}
