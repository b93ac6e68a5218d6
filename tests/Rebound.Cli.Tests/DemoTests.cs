using System.Text.Json.Nodes;

namespace Rebound.Cli.Tests;

public sealed class DemoTests(SmallDemo demo) : IClassFixture<SmallDemo>
{
    [Fact]
    public void The_comparison_is_printed_and_its_students_are_models_for_every_command()
    {
        var text = demo.First.Succeeded();
        Assert.All(
            (string[])["vanilla", "nat − nut", "nat, asked under", "report.html"],
            needle => Assert.Contains(needle, text, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(demo.Output, "report.html")));
        var student = Path.Combine(demo.Output, "students", "nat-8-seed1");
        var again = ReboundProcess.Run(
            "evaluate", "--model", student, "--conditions", "positive,negative", "--max-tokens", "8", "--output-dir",
            Path.Combine(demo.Folder, "again"), "--json");
        Assert.Equal(2, (int)JsonNode.Parse(again.Succeeded())!["conditions"]!["negative"]!["questions"]!);
    }

    [Fact]
    public void A_demo_that_is_finished_keeps_its_time()
    {
        var path = Path.Combine(demo.Output, "results.json");
        var first = Seconds(File.ReadAllText(path));
        var results = JsonNode.Parse(File.ReadAllText(path))!;
        results["seconds"] = 4321.0;
        File.WriteAllText(path, results.ToJsonString());

        var again = demo.Run();

        Assert.True(first > 0);
        Assert.Contains("all of it took 1 h 12 min", again.Error, StringComparison.Ordinal);
        Assert.Equal(4321, Seconds(File.ReadAllText(path)));
        static double Seconds(string json) => (double)JsonNode.Parse(json)!["seconds"]!;
    }

    [Fact]
    public void A_demo_with_other_settings_goes_to_another_folder()
    {
        var error = demo.Run("--seed", "7").Refused();

        Assert.Contains("seed", error, StringComparison.Ordinal);
        Assert.Contains("choose another folder", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_wrong_with_the_options_is_said_at_once()
    {
        var output = Path.Combine(demo.Folder, "none");
        var error = demo.Run("--failures", "many", "--steps", "0", "--misconception", "2", "--output-dir", output).Refused();

        Assert.All(
            (string[])["'many'", "--steps is 0", "--misconception is 2"],
            needle => Assert.Contains(needle, error, StringComparison.Ordinal));
        Assert.False(Directory.Exists(output));
    }

}

/// <summary>A demo as small as can be, made once.</summary>
public sealed class SmallDemo : IDisposable
{
    public SmallDemo() => First = Run();

    /// <summary>Where it lies, with room beside it.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("rebound-demo-").FullName;

    public string Output => Path.Combine(Folder, "demo");

    /// <summary>The run that made it.</summary>
    internal ReboundProcess First { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Starts it again.</summary>
    /// <param name="others">Options with values, in place of its own.</param>
    internal ReboundProcess Run(params string[] others)
    {
        var options = new Dictionary<string, string>
        {
            ["--attempts"] = "40",
            ["--successes"] = "5",
            ["--failures"] = "8",
            ["--seeds"] = "1",
            ["--questions"] = "2",
            ["--steps"] = "2",
            ["--output-dir"] = Output,
        };
        foreach (var option in others.Chunk(2))
        {
            options[option[0]] = option[1];
        }

        return ReboundProcess.Run(["demo", .. options.SelectMany(option => (string[])[option.Key, option.Value])]);
    }
}
