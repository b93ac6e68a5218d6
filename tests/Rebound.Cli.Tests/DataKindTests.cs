using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>What people give to <c>data</c> and <c>train</c> by mistake, or as their logs have it.</summary>
public sealed class DataKindTests
{
    [Fact]
    public void Trajectories_without_questions_are_told_the_option_that_gives_them()
    {
        using var folder = new TrainingFolder();
        string[] train = ["train", "--model", folder.Path("model"), "--output-dir", folder.Path("out"), "--pos-path",
            folder.Path("positive.json")];
        foreach (var more in new string[][] { [], ["--neg-path", folder.Path("negative.json")] })
        {
            var said = ReboundProcess.Run([.. train, .. more]).Refused();
            Assert.Contains("--question-path FILE", said);
            Assert.Contains("--prompt none", said);
            Assert.DoesNotContain("skip", said);
            Assert.Equal(2, said.TrimEnd().Split('\n').Length);
        }

        var questions = ReboundProcess.Run([.. train[..^1], folder.Path("questions.jsonl")]).Refused();
        Assert.Contains("it is a question", questions);
        Assert.Contains("--question-path takes them", questions);
        Assert.DoesNotContain("skip", questions);
    }

    [Fact]
    public void Outcomes_under_other_names_and_folders_are_read_and_what_may_be_one_is_named()
    {
        var logs = SharedData.Path("cases/data/own_logs");
        var json = JsonNode.Parse(ReboundProcess.Run("data", "stats", logs, "--json").Succeeded())!;
        Assert.Equal((16, 9), ((int)json["outcomes"]!["positive"]!["trajectories"]!, (int)json["outcomes"]!["negative"]!["trajectories"]!));

        using var folder = new TrainingFolder();
        Directory.CreateDirectory(folder.Path("logs"));
        File.WriteAllText(
            folder.Path("logs/a.json"),
            """{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "verdict": "fine"}""");
        var stats = ReboundProcess.Run("data", "stats", folder.Path("logs"));
        stats.Succeeded();
        Assert.Contains("No trajectory tells its outcome", stats.Error);
        Assert.Contains("'verdict' (\"fine\")", stats.Error);

        string[] train = ["train", "--model", folder.Path("model"), "--output-dir", folder.Path("out"), "--data",
            folder.Path("logs"), "--plan"];
        Assert.Contains("'verdict'", ReboundProcess.Run(train).Succeeded());
        var refused = ReboundProcess.Run([.. train, "--method", "nat"]).Refused();
        Assert.Contains("tells no outcomes", refused);
        Assert.Contains("'verdict'", refused);

        Directory.CreateDirectory(folder.Path("nothing"));
        Assert.Contains(
            "is a folder without a file that ends in .json", ReboundProcess.Run("data", "stats", folder.Path("nothing")).Refused());
    }

    [Fact]
    public void Bad_rows_are_left_out_wherever_they_are_and_nobody_is_told_to_leave_all_out()
    {
        using var folder = new TrainingFolder();
        var good = """{"id": 5, "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "label": true}""";
        var cases = SharedData.Path("cases");
        File.WriteAllText(
            folder.Path("mixed.jsonl"),
            string.Concat(
                new[]
                {
                    "data/d09b_dupargs.jsonl",
                    "data/d09j_surrogate_args.jsonl",
                    "data/d09k_dup_meta.jsonl",
                    "data/d09l_deep.jsonl",
                    "hostile/data_extra_surr.jsonl",
                    "hostile/data_info_surr.jsonl",
                    "hostile/data_show_fault.jsonl",
                }
                .Select(name => File.ReadAllText(Path.Combine(cases, name)).TrimEnd() + "\n")) + good);
        string[] skip = ["--on-bad-row", "skip"];
        var (mixed, model) = (folder.Path("mixed.jsonl"), folder.Path("model"));
        Assert.Contains("row 2: 'messages[1].tool_calls[0].function.arguments'", ReboundProcess.Run("data", "stats", mixed).Refused());
        Assert.Contains("tools  ", ReboundProcess.Run(["data", "show", mixed, "--row", "7", .. skip]).Succeeded());
        ReboundProcess.Run(["data", "convert", mixed, "--to", "sharegpt", "--output", folder.Path("c.jsonl"), .. skip]).Succeeded();
        ReboundProcess.Run(["data", "clean", mixed, "--output", folder.Path("k.jsonl"), .. skip]).Succeeded();
        Assert.Equal((5, 4), (File.ReadLines(folder.Path("c.jsonl")).Count(), File.ReadLines(folder.Path("k.jsonl")).Count()));
        ReboundProcess.Run(["data", "render", "--model", model, "--data", mixed, "--output", folder.Path("r.jsonl"), .. skip]).Succeeded();

        var all = ReboundProcess.Run("data", "stats", Path.Combine(cases, "data/d07_dpo.jsonl")).Refused();
        Assert.Contains("a pair of answers", all);
        Assert.DoesNotContain("skip", all);
        Assert.Contains("has 2 rows", ReboundProcess.Run("data", "show", folder.Path("positive.json"), "--row", "7").Refused());
    }

    [Fact]
    public void A_run_of_one_step_learns_whatever_its_warm_up()
    {
        using var folder = new TrainingFolder();
        ReboundProcess.Run(folder.Arguments("--max-steps", "1", "--warmup_ratio", "0.5")).Succeeded();
        var step = JsonNode.Parse(File.ReadLines(folder.Path("out/metrics.jsonl")).First())!;
        Assert.Equal(5e-3, (double)step["learning_rate"]!);
    }
}
