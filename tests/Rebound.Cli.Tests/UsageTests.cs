using Rebound.Cli.Options;

namespace Rebound.Cli.Tests;

public sealed class UsageTests
{
    [Fact]
    public void Help_lists_the_commands_with_a_line_each_and_an_example()
    {
        var help = ReboundProcess.Run("--help").Succeeded();

        Assert.Contains("Usage: rebound <command> [options]", help);
        Assert.Matches("(?m)^  doctor +Show what this machine offers", help);
        Assert.Contains("Examples", help);
    }

    [Fact]
    public void Help_of_a_command_lists_its_options_and_examples()
    {
        var help = ReboundProcess.Run("doctor", "--help").Succeeded();

        Assert.Contains("Usage: rebound doctor", help);
        Assert.Contains("--json", help);
        Assert.Contains("rebound doctor --json", help);
    }

    [Fact]
    public void Help_has_no_escape_sequences_when_redirected() =>
        Assert.DoesNotContain('\u001b', ReboundProcess.Run("--help").Succeeded());

    [Fact]
    public void Version_is_one_line_with_the_version() =>
        Assert.Matches(@"^rebound \d+\.\d+\.\d+( \([0-9a-f]{7}\))?\n$", ReboundProcess.Run("--version").Succeeded());

    [Fact]
    public void No_command_at_all_shows_help_on_standard_error()
    {
        var run = ReboundProcess.Run();

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains("Usage: rebound", run.Error);
    }

    [Theory]
    [InlineData("doctor", "--jsn", "did you mean --json?")]
    [InlineData("doctor", "--JSON", "did you mean --json?")]
    [InlineData("doctor", "--qiet", "did you mean --quiet?")]
    [InlineData("doctr", "--json", "There is no command 'doctr'; did you mean doctor?")]
    [InlineData("doctor", "--completely-else", "'doctor' has no option --completely-else.")]
    [InlineData("doctor", "stray", "'stray' is more than 'doctor' takes")]
    public void Wrong_usage_is_named_with_the_nearest_right_one(string first, string second, string expected) =>
        Assert.Contains(expected, ReboundProcess.Run(first, second).Refused());

    [Theory]
    [InlineData("--tokeniser", "DIR", "text", "'tokenize' has no option --tokeniser; did you mean --tokenizer?")]
    [InlineData("--tokeniser=DIR", "some", "text", "'tokenize' has no option --tokeniser; did you mean --tokenizer?")]
    [InlineData("--tokenizer", "DIR", "-z", "'tokenize' has no option -z")]
    public void An_unknown_option_is_no_text_of_a_command_that_takes_text(string first, string second, string third, string expected)
    {
        var error = ReboundProcess.Run("tokenize", first, second, third).Refused();

        Assert.Contains(expected, error);
        Assert.DoesNotContain("is more than", error);
        Assert.DoesNotContain("is required", error);
    }

    [Fact]
    public void An_unknown_option_is_no_file_of_a_command_that_takes_files()
    {
        var error = ReboundProcess.Run("data", "stats", "--formt", "nat", "rows.json").Refused();

        Assert.Contains("'data stats' has no option --formt; did you mean --format?", error);
        Assert.DoesNotContain("does not exist", error);
    }

    [Theory]
    [InlineData("-x + 2*x", "x")]
    [InlineData("-3", "-3")]
    public void What_is_no_option_may_begin_with_a_dash(string expression, string value) =>
        Assert.Equal(value + "\n", ReboundProcess.Run("tool", "calculate", expression).Succeeded());

    [Fact]
    public void What_follows_two_dashes_is_text() =>
        Assert.Equal("-x\n", ReboundProcess.Run("tool", "calculate", "--", "-x").Succeeded());

    [Theory]
    [InlineData("data", "convert", "--to", "natt", "--to is 'natt', and must be nat, openai or sharegpt; did you mean nat?")]
    [InlineData("data", "stats", "--on-bad-row", "ignore", "--on-bad-row is 'ignore', and must be error or skip; did you mean skip?")]
    [InlineData("data", "show", "--row", "x", "--row is 'x', and must be a whole number.")]
    public void A_wrong_value_is_told_with_its_option_and_what_was_allowed(
        string group, string command, string option, string value, string expected) =>
        Assert.Contains(expected, ReboundProcess.Run(group, command, "rows.json", option, value).Refused());

    [Theory]
    [InlineData("chat -model DIR", "chat --model DIR")]
    [InlineData("train -pos_path x --neg_path=a_b", "train --pos-path x --neg-path=a_b")]
    [InlineData("chat -m DIR -q", "chat -m DIR -q")]
    [InlineData("tool calculate -x", "tool calculate -x")]
    [InlineData("tokenize -- --a_b -model", "tokenize -- --a_b -model")]
    public void Options_are_understood_with_underscores_and_with_one_dash(string typed, string meant) =>
        Assert.Equal(meant.Split(' '), OptionSpelling.Dashed(typed.Split(' '), ParsedLine.Root));

    [Fact]
    public void Every_wrong_option_is_reported_at_once()
    {
        var error = ReboundProcess.Run("doctor", "--jsn", "--qiet").Refused();

        Assert.Contains("--json", error);
        Assert.Contains("--quiet", error);
    }
}
