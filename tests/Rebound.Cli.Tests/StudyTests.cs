using System.Globalization;
using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class StudyTests(SmallStudy study) : IClassFixture<SmallStudy>
{
    [Fact]
    public async Task A_study_that_was_killed_goes_on_to_the_same_results()
    {
        var whole = study.Whole;
        using (var killed = new RunningProcess(study.Arguments("killed")))
        {
            Assert.True(await killed.SaysAsync("3/8 "), killed.Said);
            killed.Kill();
            await killed.EndAsync();
        }

        Assert.False(File.Exists(study.Path("killed/report.html")));
        var resumed = ReboundProcess.Run(study.Arguments("killed"));

        resumed.Succeeded();
        Assert.Contains("5/5 ", resumed.Error, StringComparison.Ordinal);
        Assert.Contains("8 of 8 trainings are done.", resumed.Error, StringComparison.Ordinal);
        Assert.All(
            (string[])["scores.csv", "summary.csv", "differences.csv", "tries.csv", "tries-summary.csv", "likelihoods.csv", "solved.csv"],
            table => Assert.Equal(File.ReadAllText(Path.Combine(whole, table)), File.ReadAllText(study.Path($"killed/{table}"))));
    }

    [Fact]
    public void A_second_run_makes_nothing_and_other_settings_are_run_beside_it()
    {
        var before = Directory.GetFiles(study.Whole, "metrics.jsonl", SearchOption.AllDirectories)
            .ToDictionary(file => file, File.GetLastWriteTimeUtc);

        var again = ReboundProcess.Run(study.Arguments("whole"));
        Assert.DoesNotContain("1/", again.Error, StringComparison.Ordinal);
        Assert.All(before, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));

        var plan = ReboundProcess.Run(study.Arguments("whole", "--plan"));
        Assert.Contains("8 trainings, 8 done", plan.Succeeded(), StringComparison.Ordinal);

        var other = study.Write("other.yml", "learning-rate: 2e-3");
        var changed = ReboundProcess.Run("study", other, "--output-dir", study.Whole, "--part", "1/8", "--device", "cpu");
        changed.Succeeded();
        Assert.Contains("8 of 8 trainings were run under other settings", changed.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 8 trainings are done.", changed.Error, StringComparison.Ordinal);
        Assert.All(before, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));

        ReboundProcess.Run(study.Arguments("whole")).Succeeded();
    }

    [Fact]
    public void Scores_are_what_the_episodes_say()
    {
        var episodes = Episodes("episodes").ToLookup(row => (row.Method, row.Failures), row => (row.Seed, row.Question, row.Right));
        var summary = Table("summary.csv").Where(row => row["metric"] == "accuracy" && row["task"] == "sums").ToArray();

        Assert.Equal(4, summary.Length);
        foreach (var row in summary)
        {
            var own = episodes[(row["method"], row["failures"])].ToArray();
            Assert.Equal(2 * SmallStudy.Questions, own.Length);
            Assert.Equal(own.Average(episode => episode.Right), Number(row["mean"]), 9);
            Assert.InRange(Number(row["mean"]), Number(row["low"]), Number(row["high"]));
        }

        Assert.Contains(summary, row => Number(row["mean"]) is > 0 and < 1);
        foreach (var row in Table("differences.csv").Where(row => row["metric"] == "accuracy" && row["task"] == "sums"))
        {
            double Mean(string method) => episodes[(method, row["failures"])].Average(episode => episode.Right);
            Assert.Equal(Mean(row["method"]) - Mean(row["other_method"]), Number(row["difference"]), 9);
        }
    }

    [Fact]
    public void Tries_are_what_their_episodes_say_and_their_summaries_follow()
    {
        var tries = Table("tries.csv").GroupBy(row => (row["method"], row["failures"])).ToArray();
        var episodes = Episodes("tries").ToLookup(row => (row.Method, row.Failures), row => row.Right);
        var summary = Table("tries-summary.csv");
        Assert.Equal(4, tries.Length);
        foreach (var arm in tries)
        {
            Assert.Equal(episodes[arm.Key].Sum(), arm.Sum(row => Number(row["right"])));
            double Of(string measure) => Number(summary.Single(row =>
                (row["method"], row["failures"]) == arm.Key && row["measure"] == measure)["mean"]);

            // One of two tries is right in so many of all pairs.
            var questions = arm.GroupBy(row => (row["seed"], row["question"])).Select(tried => tried.ToArray()).ToArray();
            Assert.Equal(
                questions.Average(tried => Pairs(tried).Average(pair => Math.Max(Number(pair.One["right"]), Number(pair.Two["right"])))),
                Of("pass@2"), 9);
            Assert.Equal(
                questions.Average(tried => Pairs(tried).Average(pair =>
                    Number(pair.One["verdict"]) == Number(pair.Two["verdict"])
                        ? (Number(pair.One["right"]) + Number(pair.Two["right"])) / 2
                        : Number((Number(pair.One["verdict"]) > Number(pair.Two["verdict"]) ? pair.One : pair.Two)["right"]))),
                Of("best of 2"), 9);
            if (summary.Any(row => (row["method"], row["failures"]) == arm.Key && row["measure"] == "auc"))
            {
                var areas = arm.GroupBy(row => row["seed"]).Where(seed => seed.Select(row => row["right"]).Distinct().Count() > 1)
                    .Select(seed => (
                            from one in seed
                            where one["right"] == "1"
                            from two in seed
                            where two["right"] == "0"
                            select (one, two))
                        .Average(pair => Math.Sign(Number(pair.one["verdict"]) - Number(pair.two["verdict"])) / 2.0 + 0.5));
                Assert.Equal(areas.Average(), Of("auc"), 9);
            }
        }

        Assert.Contains(summary, row => row["measure"] == "auc");
    }

    [Fact]
    public void The_page_stands_alone_and_has_every_part()
    {
        var report = File.ReadAllText(Path.Combine(study.Whole, "report.html"));

        Assert.All(
            (string[])["More failures", "Scores", "Differences", "The condition", "Several tries", "Who solves what", "Training and costs",
                "How it was set up", "8 runs", "<svg"],
            part => Assert.Contains(part, report, StringComparison.Ordinal));
        Assert.All(
            (string[])["http:", "https:", " src=", "url(", "<script", "<link", "NaN"],
            needle => Assert.DoesNotContain(needle, report, StringComparison.Ordinal));
    }

    [Fact]
    public void A_report_of_the_folder_has_the_same_tables()
    {
        var output = study.Path("again");

        ReboundProcess.Run("report", study.Whole, "--output-dir", output).Succeeded();

        Assert.All(
            Directory.GetFiles(study.Whole, "*.csv"),
            table => Assert.Equal(File.ReadAllText(table), File.ReadAllText(Path.Combine(output, Path.GetFileName(table)))));
    }

    [Fact]
    public void A_report_of_evaluations_and_collections_has_their_numbers()
    {
        string[] model = ["--model", study.Path("model"), "--task", study.Path("task.yml"), "--max-tokens", "4", "--device", "cpu"];
        ReboundProcess.Run(["evaluate", .. model, "--conditions", "positive,negative", "--output-dir", study.Path("mixed/asked")])
            .Succeeded();
        ReboundProcess.Run(["collect", .. model, "--samples", "2", "--temperatures", "1", "--output-dir", study.Path("mixed/tried")])
            .Succeeded();

        ReboundProcess.Run("report", study.Path("mixed"), "--output-dir", study.Path("mixed-report")).Succeeded();

        var evaluation = JsonNode.Parse(File.ReadAllText(study.Path("mixed/asked/aggregate.json")))!["conditions"]!;
        var summary = Table("summary.csv", study.Path("mixed-report"));
        Assert.All((string[])["positive", "negative"], condition => Assert.Equal(
            (double)evaluation[condition]!["accuracy"]!["value"]!,
            Number(summary.Single(row => row["method"] == $"asked/{condition}")["mean"]), 9));
        Assert.Equal(
            2 * SmallStudy.Questions, Table("tries.csv", study.Path("mixed-report")).Count(row => row["method"] == "tried"));
        Assert.Contains("holds nothing to report", ReboundProcess.Run("report", study.Path("model")).Refused());
        Assert.Contains("does not exist", ReboundProcess.Run("report", study.Path("nowhere")).Refused());
    }

    [Fact]
    public void A_report_of_a_model_tells_its_method_and_every_metric()
    {
        var cell = Cells().First(cell => Path.GetFileName(cell).StartsWith("nat-6-3-seed2", StringComparison.Ordinal));
        var output = study.Path("model-report");

        ReboundProcess.Run("report", cell, "--output-dir", output).Succeeded();

        var aggregate = Directory.GetFiles(Path.Combine(cell, "episodes"), "aggregate.json", SearchOption.AllDirectories).Single();
        var scores = JsonNode.Parse(File.ReadAllText(aggregate))!["conditions"]!["positive"]!;
        var summary = Table("summary.csv", output).Where(row => row["task"].Contains($"({SmallStudy.Questions} ")).ToArray();
        Assert.All(
            (string[])["accuracy", "em", "f1"],
            metric => Assert.Equal(
                (double)scores[metric]!["value"]!, Number(summary.Single(row => row["metric"] == metric)["mean"]), 9));
        Assert.All(summary, row => Assert.Equal(("nat", "6", "3"), (row["method"], row["successes"], row["failures"])));
        Assert.Equal("2", Table("scores.csv", output)[0]["seed"]);
    }

    [Fact]
    public void Weights_are_taken_away_when_they_have_been_examined()
    {
        Assert.Empty(Directory.GetFiles(study.Whole, "*.safetensors", SearchOption.AllDirectories));
        Assert.Equal(8, Cells().Count(cell => File.Exists(Path.Combine(cell, "run", "rebound.json"))));
    }

    [Theory]
    [InlineData("train: {learning-rat: 1}", "line 11: 'train' has no option learning-rat; did you mean learning-rate?")]
    [InlineData("train: {learning-rate: fast}", "--learning-rate is 'fast', and must be a number. It is set by ")]
    [InlineData("train: {seed: 3}", "line 11: seed is not set here")]
    [InlineData("taks: {}", "line 11: study has no key 'taks'; did you mean tasks?")]
    [InlineData("grid: [{methods: [dpo]}]", "line 11: 'dpo' is none of the methods: nut, nat.")]
    [InlineData("methods: [natt]", "line 11: 'methods' stands twice in study.")]
    [InlineData("grid: [{failures: -1}]", "line 11: 'failures' is '-1', and must be a whole number of at least 0.")]
    [InlineData("likelihood: {positive: nowhere.json}", "line 11: 'positive' ")]
    [InlineData("validation: {sums: {limt: 3}}", "line 11: 'evaluate' has no option limt; did you mean limit?")]
    public void What_is_wrong_with_the_file_is_said_with_its_line(string section, string problem)
    {
        var path = study.Path($"wrong-{Guid.NewGuid():N}.yml");
        File.WriteAllText(path, study.Text(section));

        var error = ReboundProcess.Run("study", path, "--output-dir", study.Path("none"), "--validation").Refused();

        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.Contains(path, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(study.Path("none")));
    }

    /// <summary>With the data that they speak of in their places, and a model of bytes: nothing is run.</summary>
    [Theory]
    [InlineData("figure1.yml", 75, "--plan")]
    [InlineData("methods.yml", 22, "--plan")]
    [InlineData("tuning.yml", 12, "--plan", "--validation")]
    [InlineData("regimes.yml", 26, "--plan", "--validation")]
    [InlineData("figure2.yml", 25, "--plan")]
    public void The_documented_studies_can_be_planned(string name, int trainings, params string[] more)
    {
        var shared = SharedData.Path("data");
        var text = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "study", name))
            .Replace("SmolLM2-135M-Instruct.Q4_1.gguf", study.Path("model"), StringComparison.Ordinal)
            .Replace("work/teacher", study.Path("model"), StringComparison.Ordinal)
            .Replace("docs/study", Path.Combine(SharedData.RepositoryRoot, "docs", "study"), StringComparison.Ordinal)
            .Replace("DATA/", $"{shared}/", StringComparison.Ordinal).Replace("data: DATA", $"data: {shared}", StringComparison.Ordinal)
            .Replace("work/qa.db", study.Index(), StringComparison.Ordinal);
        foreach (var outcome in (string[])["positive", "negative"])
        {
            var rows = Path.Combine(shared, "strategyqa", $"{outcome}.json");
            text = text.Replace($"work/{outcome}.json", rows, StringComparison.Ordinal)
                .Replace($"work/held-out/{outcome}.json", study.Rows(outcome), StringComparison.Ordinal)
                .Replace($"{outcome}: work/qa-test.json", $"{outcome}: {rows}", StringComparison.Ordinal);
        }

        text = string.Join(Path.Combine(shared, "strategyqa", "negative.json"), text.Split(
            ["work/qa-train.json", "work/qa-test.json", "work/qa-validation.json"], StringSplitOptions.None));
        File.WriteAllText(study.Path(name), text);

        var plan = ReboundProcess.Run(["study", study.Path(name), "--output-dir", study.Path("planned"), "--device", "cpu", .. more]);

        Assert.Contains($"{trainings} trainings, 0 done", plan.Succeeded(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(study.Path("planned")));
    }

    private static IEnumerable<(Dictionary<string, string> One, Dictionary<string, string> Two)> Pairs(
        Dictionary<string, string>[] tried) =>
        from one in tried.Index() from two in tried.Index() where one.Index < two.Index select (one.Item, two.Item);

    /// <summary>Every episode of a folder of all trainings, with what the training was.</summary>
    private IEnumerable<(string Method, string Failures, string Seed, string Question, double Right)> Episodes(string folder) =>
        from cell in Cells()
        let name = Path.GetFileName(cell).Split('-')
        from file in Directory.GetFiles(Path.Combine(cell, folder), "episodes.jsonl", SearchOption.AllDirectories)
        from line in File.ReadLines(file)
        let row = JsonNode.Parse(line)!
        select (name[0], name[2], name[3], row["id"]!.ToJsonString(), row["info"]!["reward"] is { } reward && (bool)reward ? 1.0 : 0);

    /// <summary>The folders of the study's own trainings, not of those under other settings beside them.</summary>
    private IEnumerable<string> Cells() => Directory.GetDirectories(Path.Combine(study.Whole, "cells")).Where(cell =>
        File.ReadAllText(Path.Combine(cell, "run", "options.yml")).Contains("learning-rate: 1e-2", StringComparison.Ordinal));

    private Dictionary<string, string>[] Table(string name, string? folder = null)
    {
        var lines = File.ReadAllLines(Path.Combine(folder ?? study.Whole, name));
        var heads = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => heads.Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second))];
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>Two methods, two numbers of failures and two seeds, on a model of bytes, run once.</summary>
public sealed class SmallStudy : IDisposable
{
    public const int Questions = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-study-").FullName;
    private readonly Lazy<string> _whole;

    public SmallStudy()
    {
        TinyChatModel.Write(Path("model"));
        WriteData();
        Write("study.yml", "learning-rate: 1e-2");
        _whole = new Lazy<string>(() =>
        {
            ReboundProcess.Run(Arguments("whole")).Succeeded();
            return Path("whole");
        });
    }

    /// <summary>The folder of the study, done.</summary>
    public string Whole => _whole.Value;

    public string Path(string name) => System.IO.Path.Combine(_folder, name);

    public string[] Arguments(string output, params string[] more) =>
        ["study", Path("study.yml"), "--output-dir", Path(output), "--device", "cpu", .. more];

    /// <summary>The trajectories of an outcome.</summary>
    public string Rows(string outcome) => Path(outcome == "positive" ? "right.json" : "wrong.json");

    /// <summary>An index of one sentence.</summary>
    public string Index()
    {
        File.WriteAllText(Path("corpus.txt"), "The moon is far.");
        ReboundProcess.Run("data", "index", Path("corpus.txt"), "--output", Path("index.db")).Succeeded();
        return Path("index.db");
    }

    /// <summary>Writes a study.</summary>
    /// <param name="train">An option of training.</param>
    public string Write(string name, string train)
    {
        File.WriteAllText(Path(name), Text(
            $$"""
            train: {max-steps: 30, per-device-train-batch-size: 4, lr-scheduler-type: constant, {{train}}}
            tasks:
              sums: {task: {{Path("task.yml")}}, max-tokens: 24, step-limit: 2, samples: 4, sample-questions: 4, sample-temperature: 1.5}
            likelihood: {positive: {{Rows("positive")}}, negative: {{Rows("negative")}}, questions: {{Path("questions.jsonl")}}, limit: 3}
            """));
        return Path(name);
    }

    /// <summary>A study without its last sections, which begin at line 11.</summary>
    public string Text(string sections) =>
        $"""
        models: {Path("model")}
        data:
          positive: {Path("right.json")}
          negative: {Path("wrong.json")}
          questions: {Path("questions.jsonl")}
          prompt: {Path("prompt.yml")}
        methods: [nut, nat]
        successes: 6
        failures: [3, 6]
        seeds: 2
        {sections}
        """;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Questions whose answer is a for one half and b for the other.</summary>
    private void WriteData()
    {
        static string Answer(int number) => number % 2 == 0 ? "a" : "b";
        static string Wrong(int number) => number % 2 == 0 ? "b" : "c";

        File.WriteAllLines(Path("questions.jsonl"), Enumerable.Range(0, Questions).Select(number => new JsonObject
        {
            ["id"] = number,
            ["question"] = $"{number}?",
            ["answer"] = Answer(number),
        }.ToJsonString()));
        File.WriteAllText(
            Path("task.yml"), "name: sums\nquestions: questions.jsonl\nscorer: answer\ntools: [calculate]\nprompt: prompt.yml\n");
        File.WriteAllText(
            Path("prompt.yml"),
            "question: \"{question}\"\nconditions:\n  right:\n    when: {reward: true}\n    prefix: \"[good] \"\n  wrong:\n    prefix: "
                + "\"[bad] \"\n");
        File.WriteAllText(Path("right.json"), Rows(Answer, reward: true));
        File.WriteAllText(Path("wrong.json"), Rows(Wrong, reward: false));

        static string Rows(Func<int, string> answer, bool reward) => new JsonArray([.. Enumerable.Range(0, Questions).Select(number =>
            new JsonObject
            {
                ["id"] = number,
                ["conversations"] = new JsonArray(new JsonObject
                {
                    ["role"] = "assistant",
                    ["content"] = $"Action: finish[{answer(number)}]",
                    ["loss"] = true,
                }),
                ["info"] = new JsonObject { ["reward"] = reward },
            })]).ToJsonString();
    }
}
