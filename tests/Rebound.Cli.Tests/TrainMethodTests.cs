using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Trajectories;

namespace Rebound.Cli.Tests;

public sealed class TrainMethodTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_plan_says_what_a_method_pairs_and_leaves_out_and_reads_before()
    {
        // A third success, of a question that nobody failed at.
        var successes = JsonNode.Parse(File.ReadAllText(_folder.Path("positive.json")))!.AsArray();
        successes.Add(successes[0]!.DeepClone());
        successes[2]!["id"] = "another";
        successes[2]!["weight"] = 0.5;
        File.WriteAllText(_folder.Path("positive.json"), successes.ToJsonString());
        File.AppendAllText(_folder.Path("questions.jsonl"), "{\"id\": \"another\", \"question\": \"2+2?\"}\n");
        File.WriteAllLines(
            _folder.Path("questions.jsonl"),
            ["{\"id\": 0, \"question\": \"1+1?\"}", "{\"id\": 1, \"question\": \"red?\"}", "{\"id\": \"another\", \"question\": \"2+2?\"}"]);

        var run = ReboundProcess.Run(_folder.Arguments("--method", "dpo", "--beta", "0.3", "--clip-range", "0.1", "--max_steps", "3"));

        run.Succeeded();
        Assert.Contains("Method    dpo, ", run.Error);
        Assert.Contains("2 pairs of a success and a failure; beta 0.3, pairs trajectory", run.Error);
        Assert.Contains("1 successes whose question has no failure were left out", run.Error);
        Assert.Contains("tokens are read once with the starting model, before the first step", run.Error);
        Assert.Contains("--clip-range is not read: the method dpo has no use for it.", run.Error);
        Assert.Contains("3 steps of 2 pairs each", run.Error);
        Assert.Equal("dpo", AgentCard.Find(_folder.Path("out"))!.Method);
        Assert.NotNull(JsonNode.Parse(File.ReadLines(_folder.Path("out/metrics.jsonl")).Last())!["rewards/margins"]);
    }

    [Theory]
    [InlineData("The method kto needs successes and failures. There are 2 successes, 0 failures", "--method", "kto", "--neg_num", "0")]
    [InlineData("--beta is 0; it must be a number above 0", "--method", "kto", "--beta", "0")]
    [InlineData("did you mean apo-zero?", "--method", "apo_zero_unpaired")]
    [InlineData("The method nat is nut with conditions: choose nut", "--method", "nat", "--prompt_path", "", "--conditions", "off")]
    public void A_method_that_cannot_be_had_is_refused_in_a_sentence(string expected, params string[] options)
    {
        var arguments = _folder.Arguments(options).Where(argument => argument.Length > 0).ToList();
        if (options.Contains(""))
        {
            arguments.RemoveAll(argument => argument is "--prompt_path" or "--template" or "aware");
        }

        Assert.Contains(expected, ReboundProcess.Run([.. arguments]).Refused());
        Assert.False(Directory.Exists(_folder.Path("out")));
    }

    [Fact]
    public void Conditions_are_a_choice_of_their_own()
    {
        var run = ReboundProcess.Run([
            .. _folder.Arguments("--method", "weighted", "--conditions", "on", "--negative-weight", "0.2", "--max_steps", "1"), "--json"]);

        var plan = JsonNode.Parse(run.Succeeded().Split('\n')[0])!;
        Assert.Equal(["correct", "incorrect"], plan["data"]!.AsArray().Select(count => (string)count!["condition"]!));
        Assert.Equal("0.2", (string)plan["method_numbers"]!["negative_weight"]!);
    }

    [Fact]
    public void A_weight_that_is_none_is_a_bad_row()
    {
        var failures = JsonNode.Parse(File.ReadAllText(_folder.Path("negative.json")))!.AsArray();
        failures[1]!["loss_weight"] = -2;
        File.WriteAllText(_folder.Path("negative.json"), failures.ToJsonString());

        var refused = ReboundProcess.Run(_folder.Arguments("--max_steps", "1")).Refused();

        Assert.Contains("negative.json: row 2: 'loss_weight': is -2; how much a row counts is a number of 0 or more.", refused);
    }

    [Fact]
    public void Losses_of_methods_are_verified_from_the_command_line()
    {
        var folder = SharedData.Path("golden/losses");
        string[] models = ["--reference-model", $"{folder}/reference", "--old-model", $"{folder}/old"];

        var said = ReboundProcess.Run(
            ["verify", "--model", $"{folder}/model", "--losses", $"{folder}/losses.json", .. models, "--device", "cpu", "--json"]).Succeeded();

        var json = JsonNode.Parse(said)!;
        Assert.True((bool)json["passed"]!);
        Assert.Contains(json["results"]!.AsArray(), row => (string)row!["name"]! == "kto step 5 grad_norm");
        Assert.Contains(
            "--losses, --reference-model and --old-model go together",
            ReboundProcess.Run("verify", "--model", $"{folder}/model", "--losses", $"{folder}/losses.json").Refused());
    }
}
