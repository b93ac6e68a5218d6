using System.Diagnostics;
using Rebound.Cli.Completion;
using Rebound.Cli.Paths;

namespace Rebound.Cli.Tests;

public sealed class CompletionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-completion-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("gen", "generate")]
    [InlineData("data s", "show solutions split stats")]
    [InlineData("help tok", "tokenize")]
    [InlineData("train --lora-r", "--lora-r --lora-rank")]
    [InlineData("train --lora_r", "")]
    [InlineData("chat --temp", "--temperature --template")]
    [InlineData("chat --device ", "auto cpu cuda")]
    [InlineData("chat --device=c", "--device=cpu --device=cuda")]
    [InlineData("train --method n", "nat nft nut")]
    [InlineData("train --save_strategy e", "epoch")]
    [InlineData("train --use-lora --verb", "--verbose")]
    [InlineData("train --seed 1 --see", "")]
    [InlineData("train --seed 1 --save-s", "--save-steps --save-strategy")]
    [InlineData("evaluate --task g", "gsm8k")]
    [InlineData("evaluate --condition p", "positive")]
    [InlineData("completion z", "zsh")]
    [InlineData("tool calculate -- --h", "")]
    [InlineData("nosuch --m", "")]
    public void Words_are_completed_from_what_the_program_knows(string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', Of(line).Candidates.Select(candidate => candidate.Text)));

    [Theory]
    [InlineData("chat --model ", nameof(PathKind.File))]
    [InlineData("chat --model=~/", nameof(PathKind.File))]
    [InlineData("chat ", nameof(PathKind.File))]
    [InlineData("data stats a.json ", nameof(PathKind.File))]
    [InlineData("data stats --input a.json b", nameof(PathKind.File))]
    [InlineData("train r", nameof(PathKind.File))]
    [InlineData("train --output-dir ", nameof(PathKind.Folder))]
    [InlineData("train --seed ", nameof(PathKind.None))]
    [InlineData("generate --message ", nameof(PathKind.None))]
    [InlineData("tr", nameof(PathKind.None))]
    public void Paths_are_left_to_the_shell_where_they_may_stand(string line, string kind) => Assert.Equal(kind, Of(line).Paths.ToString());

    [Fact]
    public void No_hidden_command_or_option_is_shown()
    {
        Assert.DoesNotContain(Of("").Candidates, candidate => candidate.Text == "__complete");
        Assert.DoesNotContain(Of("train --").Candidates, candidate => candidate.Text == "--fsdp");
        Assert.Contains(Of("train ").Candidates, candidate => candidate is { Text: "--model", Description.Length: > 0 });
    }

    [Theory]
    [InlineData("[suggest:11]", "rebound gen", "generate\n")]
    [InlineData("[suggest:3]", "gen and more", "generate\n")]
    [InlineData("[suggest]", "rebound data cl", "clean\n")]
    [InlineData("[suggest:8]", "rebound ", null)]
    public void The_question_of_dotnet_suggest_is_answered(string directive, string line, string? expected)
    {
        var answer = SuggestDirective.Answer(ParsedLine.Root, [directive, line]);

        Assert.NotNull(answer);
        Assert.Equal(expected ?? string.Concat(Of("").Candidates.Select(candidate => $"{candidate.Text}\n")), answer);
    }

    [Theory]
    [InlineData("[suggest:x]")]
    [InlineData("[diagram]")]
    public void Other_directives_are_no_commands(string directive) =>
        Assert.Contains("There is no command", ReboundProcess.Run(directive, "doctor").Refused());

    [Theory]
    [InlineData("rebound gen", "generate")]
    [InlineData("rebound chat --device c", "cpu cuda")]
    [InlineData("rebound chat --device = c", "cpu cuda")]
    [InlineData("rebound chat --device =", "auto cpu cuda")]
    public void Bash_completes_by_the_script(string words, string expected)
    {
        var said = Shell(
            "bash", "-c",
            $"source <(rebound completion bash); COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _rebound; echo "
                + $"\"${{COMPREPLY[*]}}\"");

        Assert.Equal(expected, said.Trim());
    }

    [Theory]
    [InlineData("fish", "rebound completion fish | source; complete -C 'rebound chat --device c'", "cpu\ncuda")]
    [InlineData("fish", "rebound completion fish | source; complete -C 'rebound gen'",
        "generate\tGenerate text from a prompt, a chat message, or the rows of a file")]
    [InlineData("zsh", "compdef() { echo $1 $2 }; source <(rebound completion zsh)", "_rebound rebound")]
    [InlineData(
        "pwsh",
        "rebound completion powershell | Out-String | Invoke-Expression; (TabExpansion2 'rebound chat --device "
            + "c').CompletionMatches.CompletionText", "cpu\ncuda")]
    public void Other_shells_take_their_scripts(string shell, string command, string expected) =>
        Assert.Equal(expected, Shell(shell, "-c", command).Trim());

    [Fact]
    public void Every_script_says_how_to_install_it()
    {
        foreach (var shell in (string[])["bash", "zsh", "fish", "powershell"])
        {
            Assert.Contains($"rebound completion {shell}", ReboundProcess.Run("completion", shell).Succeeded().Split("\n\n")[0]);
        }

        Assert.Contains("bash, fish, powershell or zsh", ReboundProcess.Run("completion", "tcsh").Refused());
    }

    private static Completions Of(string line) => Completions.Of(ParsedLine.Root, line.Split(' '));

    /// <summary>Runs a shell in which <c>rebound</c> is the program that is tested; skips where the shell is not installed.</summary>
    private string Shell(string shell, params string[] arguments)
    {
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the program is a script of sh");
        Assert.SkipUnless(paths.Any(folder => File.Exists(Path.Combine(folder, shell))), $"{shell} is not installed");
        var program = Path.Combine(_folder, "rebound");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{ReboundProcess.Program}' \"$@\"\n");
        FinishedProcess.Of(new ProcessStartInfo("chmod", ["+x", program]), "chmod");
        var start = new ProcessStartInfo(shell, arguments);
        start.Environment["PATH"] = $"{_folder}{Path.PathSeparator}{string.Join(Path.PathSeparator, paths)}";
        start.Environment["HOME"] = _folder;
        var run = FinishedProcess.Of(start, shell);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }
}
