using System.CommandLine;

namespace Rebound.Cli.Tests;

public sealed class HelpTests
{
    public static TheoryData<string> Commands => [.. CommandTree.Under(ParsedLine.Root).Select(command => command.Path)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_fits_its_width_and_shows_no_type_of_the_program(string command)
    {
        foreach (var width in (int[])[80, 120])
        {
            var help = ParsedLine.Help(command, width);
            Assert.DoesNotContain(help.Split('\n'), line => line.Length > width);
            Assert.DoesNotContain("System.", help);
            Assert.DoesNotContain("`", help);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_option_has_a_description_and_stands_once(string command)
    {
        var options = CommandTree.Under(ParsedLine.Root).Single(known =>
            known.Path == command).Options.Where(option => !option.Hidden).ToArray();
        var lines = ParsedLine.Help(command).Split("Example")[0].Split('\n');

        Assert.All(options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description)));
        Assert.All(
            options,
            option =>
                Assert.Single(
                    lines, line =>
                        line.StartsWith("  -")
                            && line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).TakeWhile(word =>
                                word.StartsWith('-')).Contains(option.Name)));
    }

    [Fact]
    public void Training_is_grouped_and_begins_with_what_it_needs()
    {
        var help = ParsedLine.Help("train");
        string[] headings = ["Model and data", "Method", "Schedule", "Adapter", "Saving", "Watching", "Machine", "General", "Examples"];

        Assert.Equal(headings, help.Split('\n').Where(headings.Contains));
        Assert.Contains(
            "--output-dir DIR (required)",
            string.Join(' ', help.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Replace("Folder of the run: metrics and checkpoints, and the trained model at the end ", ""));
        Assert.All(
            (string[])["--plan", "--resume auto", "--lora-rank 16", "rebound train run.yml"],
            part => Assert.Contains(part, help.Split("Examples\n")[1]));
        Assert.True(help.IndexOf("--pos-path", StringComparison.Ordinal) < help.IndexOf("--format", StringComparison.Ordinal));
    }

    [Fact]
    public void Evaluation_marks_what_it_needs()
    {
        var help = string.Join(' ', ParsedLine.Help("evaluate").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains("or an adapter (required, or --adapter, unless --rescore is given)", help);
        Assert.Contains("(required, unless the model was trained on one)", help);
        Assert.Contains("(required, or --question-path, unless the task says where they are)", help);
        Assert.Contains("goes on (required, unless --rescore is given)", help);
    }

    [Theory]
    [InlineData("train", "--model is required", "--output-dir is required", "--pos-path, --neg-path or --data is required")]
    [InlineData("evaluate", "--model or --adapter is required", "--task is required", "--data or --question-path is required",
        "--output-dir is required")]
    [InlineData("collect", "--model or --adapter is required", "--task is required", "--data or --question-path is required",
        "--output-dir is required")]
    [InlineData("generate", "--model or --adapter is required", "--message, --prompt or --input is required")]
    [InlineData("verify", "--model or --adapter is required", "--reference, --steps or --losses is required")]
    [InlineData("merge", "--output is required", "--model or --adapter is required")]
    [InlineData("init", "--tokenizer is required", "--output is required")]
    [InlineData("tokenize", "--tokenizer is required", "<text> or --input is required")]
    [InlineData("template", "--messages or --input is required", "--template or --model is required")]
    [InlineData("data split", "<file> or --input is required", "--output is required", "--held-out-output is required")]
    [InlineData("data solutions", "<file> is required", "--output is required")]
    [InlineData("data index", "<corpus> is required", "--output is required")]
    [InlineData("tool search", "<query> is required", "--index is required")]
    public void All_that_is_missing_is_told_at_once(string command, params string[] missing)
    {
        var problems = ParsedLine.Problems(command.Split(' '));

        Assert.All(missing, words => Assert.Single(problems, problem => problem.StartsWith(words, StringComparison.Ordinal)));
        Assert.Equal(missing.Length + 1, problems.Count);
    }

    [Fact]
    public void What_was_recorded_needs_no_model_to_be_scored() => Assert.Empty(ParsedLine.Problems("evaluate", "--rescore", "x.jsonl"));

    [Theory]
    [InlineData("help", "--help")]
    [InlineData("help train", "train --help")]
    [InlineData("help data show", "data show --help")]
    [InlineData("data help show", "data show --help")]
    [InlineData("data help", "data --help")]
    [InlineData("train help", "train --help")]
    [InlineData("help help", "--help")]
    [InlineData("version", "--version")]
    [InlineData("tokenize help", "tokenize help")]
    [InlineData("doctor --json", "doctor --json")]
    public void The_words_help_and_version_mean_the_options(string typed, string meant) =>
        Assert.Equal(meant.Split(' '), CommandWords.AsOptions(typed.Split(' '), ParsedLine.Root));

    [Theory]
    [InlineData("NOSUCH", "--help")]
    [InlineData("help", "NOSUCH")]
    [InlineData("data", "NOSUCH", "--help")]
    public void Help_of_no_command_is_wrong_usage(params string[] arguments) =>
        Assert.Contains("NOSUCH'", ReboundProcess.Run(arguments).Refused());
}
