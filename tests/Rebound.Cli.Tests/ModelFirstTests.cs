using System.CommandLine;
using Rebound.Cli.Options;

namespace Rebound.Cli.Tests;

public sealed class ModelFirstTests
{
    [Theory]
    [InlineData("chat", "DIR")]
    [InlineData("chat", "--temperature", "0", "DIR")]
    [InlineData("chat", "DIR", "--temperature", "0")]
    [InlineData("chat", "--model", "DIR")]
    [InlineData("generate", "DIR", "--message", "hi")]
    [InlineData("evaluate", "DIR", "--task", "gsm8k", "--data", "d", "--output-dir", "o")]
    public void The_model_may_stand_first(params string[] arguments)
    {
        Assert.Empty(ParsedLine.Problems(arguments));
        Assert.Equal("DIR", ParsedLine.Parse(arguments).GetValue(SharedOptions.Model));
    }

    [Fact]
    public void A_model_that_is_typed_goes_before_one_of_a_file()
    {
        var path = Path.Combine(Path.GetTempPath(), $"rebound-{Guid.NewGuid():N}.yml");
        File.WriteAllText(path, "model: other\nmessage: hi\n");
        try
        {
            Assert.Equal("other", ParsedLine.Parse("generate", path).GetValue(SharedOptions.Model));
            Assert.Equal("DIR", ParsedLine.Parse("generate", path, "DIR").GetValue(SharedOptions.Model));
            Assert.Equal("DIR", ParsedLine.Parse("generate", "DIR", "--config", path).GetValue(SharedOptions.Model));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Two_models_are_refused() =>
        Assert.Contains(
            "named twice, 'a' and --model b", Assert.Throws<InputException>(() => ParsedLine.Parse("chat", "a", "--model", "b")).Message);

    [Fact]
    public void An_unknown_option_is_no_model() =>
        Assert.Equal("'chat' has no option --modle; did you mean --model?", ParsedLine.Problems("chat", "--modle", "DIR")[0]);
}
