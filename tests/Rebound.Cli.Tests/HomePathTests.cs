using System.CommandLine;
using Rebound.Cli.Options;

namespace Rebound.Cli.Tests;

public sealed class HomePathTests
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Theory]
    [InlineData("--model=~/x", "x")]
    [InlineData("--model=~", "")]
    [InlineData("-m=~/x", "x")]
    public void The_home_folder_is_understood_after_an_equals_sign(string argument, string below) =>
        Assert.Equal(Path.Combine(Home, below).TrimEnd('/'), ParsedLine.Parse("chat", argument).GetValue(SharedOptions.Model));

    [Fact]
    public void It_is_understood_in_words_of_their_own_in_lists_and_as_arguments()
    {
        Assert.Equal($"{Home}/x", ParsedLine.Parse("chat", "--model", "~/x").GetValue(SharedOptions.Model));
        Assert.Equal($"{Home}/x", ParsedLine.Parse("chat", "~/x").GetValue(SharedOptions.Model));
        Assert.Equal([$"{Home}/a", "b", $"{Home}/c"], Values("data", "stats", "~/a", "b", "~/c"));
        Assert.Equal([$"{Home}/a", $"{Home}/b"], Option("train", "--data", "--data", "~/a", "~/b"));
    }

    [Fact]
    public void It_is_understood_in_files_of_options_and_in_variables()
    {
        var path = Path.Combine(Path.GetTempPath(), $"rebound-{Guid.NewGuid():N}.yml");
        File.WriteAllText(path, "data: [~/a.json, '~/b.json']\n");
        try
        {
            Assert.Equal([$"{Home}/a.json", $"{Home}/b.json"], Option("train", "--data", path));
        }
        finally
        {
            File.Delete(path);
        }

        var read = ParsedLine.Read(["chat"], new Dictionary<string, string> { ["REBOUND_MODEL"] = "~/x" });
        Assert.Equal($"{Home}/x", read.Parse.GetValue(SharedOptions.Model));
    }

    [Theory]
    [InlineData("~x")]
    [InlineData("a~/x")]
    [InlineData("./~")]
    public void Other_names_with_a_tilde_stay(string path) =>
        Assert.Equal(path, ParsedLine.Parse("chat", $"--model={path}").GetValue(SharedOptions.Model));

    [Fact]
    public void Texts_stay()
    {
        var parse = ParsedLine.Parse("generate", "DIR", "--message", "~/x");
        Assert.Equal(
            "~/x", parse.CommandResult.Command.Options.OfType<Option<string?>>().Where(option => option.Name == "--message")
                .Select(parse.GetValue).Single());
    }

    private static string[] Values(params string[] arguments)
    {
        var parse = ParsedLine.Parse(arguments);
        return parse.GetValue((Argument<string[]>)parse.CommandResult.Command.Arguments[0])!;
    }

    private static string[] Option(string command, string name, params string[] arguments)
    {
        var parse = ParsedLine.Parse([command, .. arguments]);
        return parse.GetValue((Option<string[]>)parse.CommandResult.Command.Options.Single(option => option.Name == name))!;
    }
}
