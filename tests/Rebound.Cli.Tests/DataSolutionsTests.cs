using System.Text.Json.Nodes;

namespace Rebound.Cli.Tests;

public sealed class DataSolutionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-solutions-").FullName;

    public DataSolutionsTests() => File.WriteAllLines(Path("questions.jsonl"),
    [
        Row("Both?", "One is 2*3 = <<2*3=6>>6.\nBoth are 6+4 = <<6+4=10>>10\n#### 10"),
        Row("Half?", "It is 5/2 = <<5/2=3>>3.\n#### 3"),
        Row("Wrong?", "It is 5*2 = <<5*2=11>>11.\n#### 11"),
        Row("None?", "It is 7.\n#### 7"),
    ]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Solutions_become_trajectories_and_the_rest_is_counted()
    {
        var counts = JsonNode.Parse(
            ReboundProcess.Run(
                "data", "solutions", Path("questions.jsonl"), "--output", Path("out.json"), "--json", "--quiet").Succeeded())!;

        Assert.Equal((4, 2), ((int)counts["solutions"]!, (int)counts["written"]!));
        Assert.Equal("""{"equal":2,"rounded":1,"different":0}""", counts["calculations"]!.ToJsonString());
        Assert.Equal(
            "Question 2: it says that 5*2 is 11, and the calculator says 10.",
            (string?)counts["left_out"]!["value not confirmed"]!["first"]);
        Assert.Equal(1, (int)counts["left_out"]!["no calculation"]!["count"]!);
        var rows = JsonNode.Parse(File.ReadAllText(Path("out.json")))!.AsArray();
        Assert.Equal([0, 1], rows.Select(row => (int)row!["id"]!));
        Assert.Equal("Thought: 6. Both are 6+4\nAction: calculate[6+4]", (string?)rows[0]!["conversations"]![2]!["content"]);
        Assert.Contains("positive", ReboundProcess.Run("data", "stats", Path("out.json")).Succeeded());
    }

    [Fact]
    public void Unconfirmed_values_are_kept_on_request_and_listed()
    {
        var said = ReboundProcess.Run(
            "data", "solutions", Path("questions.jsonl"), "--output", Path("out.jsonl"), "--unconfirmed", "keep").Succeeded();

        Assert.Contains("4 calculations: the solution's value is the calculator's in 2, rounded in 1, another in 1.", said);
        var row = JsonNode.Parse(File.ReadAllLines(Path("out.jsonl"))[2])!;
        Assert.Equal("10", (string?)row["unconfirmed"]![0]!["observation"]);
    }

    [Fact]
    public void What_makes_no_trajectory_is_said_in_a_sentence()
    {
        File.WriteAllLines(Path("plain.jsonl"), [Row("None?", "It is 7.\n#### 7")]);
        File.WriteAllLines(Path("nothing.jsonl"), ["""{"question": "Why?"}"""]);

        Assert.Contains("Question 0: it calculates nothing", Refused("plain.jsonl"));
        Assert.Contains("row 1: 'answer': is missing", Refused("nothing.jsonl"));
        Assert.Contains("absent.jsonl", Refused("absent.jsonl"));
        Assert.Contains("do not calculate", Refused("questions.jsonl", "--task", "strategyqa"));
        Assert.Contains("must be at least 2", Refused("questions.jsonl", "--step-limit", "1"));
        Assert.False(File.Exists(Path("out.jsonl")));
    }

    private string Refused(string file, params string[] more) =>
        ReboundProcess.Run(["data", "solutions", Path(file), "--output", Path("out.jsonl"), "--quiet", .. more]).Refused();

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    private static string Row(string question, string answer) =>
        new JsonObject { ["question"] = question, ["answer"] = answer }.ToJsonString();
}
