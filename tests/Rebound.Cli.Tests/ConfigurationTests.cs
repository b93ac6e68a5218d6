using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class ConfigurationTests
{
    [Fact]
    public void A_file_gives_way_to_variables_and_these_to_what_is_typed_and_all_is_recorded()
    {
        using var folder = new TrainingFolder();
        var config = folder.Path("run.yml");
        File.WriteAllText(config, $"""
            # Names as flags have them, dashed or not, and their other names.
            model_name_or_path: {folder.Path("model")}
            output-dir: '{folder.Path("out")}'
            pos-path: {folder.Path("positive.json")}
            neg-path: {folder.Path("negative.json")}
            max-steps: 3
            learning-rate: 1e-3
            weight_decay: 0.5
            warmup-ratio: 0.1
            seed: 7
            adam-beta2: 0.95
            report_to: [none]
            pos-num:
            prompt: none
            """);
        var environment =
            new Dictionary<string, string> { ["REBOUND_SEED"] = "8", ["REBOUND_WEIGHT_DECAY"] = "0.25", ["REBOUND_TEMPERATURE"] = "1" };
        var run = ReboundProcess.Run(["train", config, "--seed", "9", "--verbose"], environment);
        run.Succeeded();

        Assert.Contains("seed = 9 (command line)", run.Error);
        Assert.Contains("weight-decay = 0.25 (REBOUND_WEIGHT_DECAY)", run.Error);
        Assert.Contains($"learning-rate = 1e-3 ({config}, line 7)", run.Error);
        Assert.Contains("max-grad-norm = 1 (default)", run.Error);
        Assert.Matches(@"Start +device \d+\.\d s, data .* weights .* until the first step was done", run.Error);
        var saved = File.ReadAllLines(folder.Path("out/options.yml"));
        Assert.Contains("seed: 9  # command line", saved);
        Assert.Contains("# max-grad-norm: 1  # default", saved);
        Assert.Contains($"adam-beta2: 0.95  # {config}, line 11", saved);
        Assert.DoesNotContain(saved, line => line.StartsWith("pos-num", StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.Path("out/runs")));

        var metrics = File.ReadAllText(folder.Path("out/metrics.jsonl"));
        File.Copy(folder.Path("out/options.yml"), folder.Path("again.yaml"));
        ReboundProcess.Run("train", "--config", folder.Path("again.yaml"), "--output-dir", folder.Path("again")).Succeeded();
        Assert.Equal(Losses(metrics), Losses(File.ReadAllText(folder.Path("again/metrics.jsonl"))));
    }

    [Fact]
    public void What_is_no_option_is_refused_by_line_with_the_nearest_one()
    {
        using var folder = new TrainingFolder();
        File.WriteAllText(folder.Path("run.yml"), "learnig_rate: 1\nseed: 1\n\nlr: 2\nmodel: a\nmodel-name-or-path: b\n");
        var said = ReboundProcess.Run("train", folder.Path("run.yml")).Refused();
        Assert.Contains("run.yml, line 1: 'train' has no option learnig_rate; did you mean learning-rate?", said);
        Assert.Contains("run.yml, line 4: 'train' has no option lr", said);
        Assert.Contains("run.yml, line 6: model-name-or-path sets what model in line 5 has set.", said);
    }

    [Fact]
    public void A_variable_that_sets_no_option_is_refused_with_the_nearest_one()
    {
        var environment = new Dictionary<string, string>
        {
            ["REBOUND_LEARNIG_RATE"] = "1",
            ["REBOUND_XYZZY"] = "1",
            ["REBOUND_SEDE"] = "",
            ["REBOUND_TEMPERATURE"] = "1",
            ["REBOUND_REQUIRE_SHARED"] = "1",
        };

        var said = ReboundProcess.Run(["doctor"], environment).Refused();

        Assert.Contains("The variable REBOUND_LEARNIG_RATE sets no option of any command; did you mean REBOUND_LEARNING_RATE?", said);
        Assert.Contains("REBOUND_XYZZY sets no option of any command; unset it.", said);
        Assert.DoesNotContain("SEDE", said);
        Assert.DoesNotContain("TEMPERATURE", said);
        Assert.DoesNotContain("REQUIRE", said);
    }

    [Theory]
    [InlineData("seed: many\n", "--seed is 'many', and must be a whole number. It is set by ")]
    [InlineData("seed:\n  deep: 1\n", "line 2: expected is the value of 'seed'")]
    [InlineData("- a\n", "line 1: options are written as 'name: value'")]
    [InlineData("seed: [1\n", "is not valid YAML")]
    [InlineData("save_strategy: daily\n", "'daily'")]
    [InlineData("learning-rate: -1\n", "--learning-rate (")]
    public void Values_that_cannot_be_used_are_refused_with_their_place(string yaml, string words)
    {
        using var folder = new TrainingFolder();
        File.WriteAllText(folder.Path("run.yml"), yaml);
        var said = ReboundProcess.Run(
            "train", folder.Path("run.yml"), "--model", folder.Path("model"), "--data", "none.json", "--output-dir",
            folder.Path("out")).Refused();
        Assert.Contains(words, said);
        Assert.Contains("run.yml", said);
    }

    [Fact]
    public void Other_commands_read_files_too_and_text_that_ends_like_a_file_stays_text()
    {
        using var folder = new TrainingFolder();
        File.WriteAllText(folder.Path("run.yml"), $"model: {folder.Path("model")}\nmax_new_tokens: 2\nmessage: red?\n");
        Assert.Equal(
            ReboundProcess.Run("generate", "--model", folder.Path("model"), "--max-new-tokens", "2", "--message", "red?").Succeeded(),
            ReboundProcess.Run("generate", folder.Path("run.yml")).Succeeded());
        Assert.Contains("run.yml does not exist", ReboundProcess.Run("generate", "--config", "run.yml").Refused());
        Assert.Equal(
            "a.yml".Length,
            ReboundProcess.Run("tokenize", "--tokenizer", folder.Path("model"), "a.yml", "--json").Succeeded().Split('"')
                .Count(part => part is "a" or "." or "y" or "m" or "l"));
    }

    private static string[] Losses(string metrics) => [.. metrics.Split('\n').Select(line => line.Split("\"learning_rate\"")[0])];
}
