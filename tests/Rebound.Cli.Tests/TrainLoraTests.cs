using System.Text.Json.Nodes;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class TrainLoraTests
{
    [Fact]
    public void An_adapter_learns_is_saved_as_PEFT_has_it_and_answers_beside_and_merged()
    {
        using var folder = new TrainingFolder();
        var trained = folder.Path("base");
        ReboundProcess.Run(folder.Arguments("--max_steps", "40", "--output_dir", trained)).Succeeded();
        var before = File.ReadAllBytes(Path.Combine(trained, "model.safetensors"));

        var events = ReboundProcess.Run([
            .. folder.Arguments(
                "--model_name_or_path", trained, "--max_steps", "120", "--lora_r", "16", "--lora_alpha", "32", "--learning_rate", "1e-2"),
            "--lora_target_modules", "q_proj", "v_proj", "o", "gate", "up", "down", "--json",
        ]).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();

        var plan = events[0];
        Assert.Equal(
            (16, 32, "q_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"),
            ((int)plan["adapter"]!["r"]!, (int)plan["adapter"]!["lora_alpha"]!, (string)plan["adapter"]!["target_modules"]!));
        Assert.True((long)plan["trainable_parameters"]! < (long)plan["parameters"]!);
        var losses = events.Where(entry => (string)entry["event"]! == "step").Select(step => (double)step["loss"]!).ToArray();
        Assert.True(losses[^1] < 0.1, $"The loss went from {losses[0]} to {losses[^1]}.");
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(trained, "model.safetensors")));
        foreach (var name in new[] { "adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "tokenizer_config.json" })
        {
            Assert.True(File.Exists(folder.Path($"out/{name}")), name);
        }

        ReboundProcess.Run("merge", "--adapter", folder.Path("out"), "--output", folder.Path("merged")).Succeeded();
        string[][] models = [["--model", folder.Path("out")], ["--adapter", folder.Path("out")], ["--model", folder.Path("merged")]];
        foreach (var model in models)
        {
            var said = ReboundProcess.Run(["generate", .. model, "--message", "[bad] red?", "--max-new-tokens", "20"]).Succeeded();
            Assert.Equal("moss", said.Trim());
        }
    }

    [Fact]
    public void A_resumed_adapter_is_that_of_an_uninterrupted_run_to_the_last_bit()
    {
        using var folder = new TrainingFolder();
        string[] options = ["--max_steps", "6", "--save_steps", "3", "--lora-dropout", "0.2", "--lora-targets",
            "q,v,down", "--rslora", "true"];
        ReboundProcess.Run(folder.Arguments([.. options, "--output_dir", folder.Path("whole")])).Succeeded();
        var checkpoint = folder.Path("whole/checkpoint-3");

        var resumed = ReboundProcess.Run(folder.Arguments([.. options, "--resume", checkpoint]));

        resumed.Succeeded();
        Assert.Equal(
            File.ReadAllBytes(folder.Path("whole/adapter_model.safetensors")),
            File.ReadAllBytes(folder.Path("out/adapter_model.safetensors")));
        using var adapter = AdapterFolder.Open(folder.Path("out"));
        Assert.Equal(
            (16, 32f, true, "q_proj, v_proj, down_proj"),
            (adapter.Settings.Rank, adapter.Settings.Alpha, adapter.Settings.RankStabilized, $"{adapter.Settings.Targets}"));

        var other = ReboundProcess.Run(folder.Arguments([.. options, "--lora-rank", "4", "--resume", checkpoint]));
        Assert.Contains("LoRA of rank 4", other.Refused());
    }

    [Fact]
    public void An_adapter_does_not_go_on_beside_other_weights_of_the_same_shape()
    {
        using var folder = new TrainingFolder();
        TinyChatModel.Write(folder.Path("other"), seed: 4);
        string[] recipe = ["--lora-rank", "2", "--max-steps", "2", "--save_steps", "1"];
        ReboundProcess.Run(folder.Arguments(recipe)).Succeeded();

        var refusal = ReboundProcess.Run(
            folder.Arguments([.. recipe, "--resume", "auto", "--model_name_or_path", folder.Path("other")])).Refused();

        Assert.Contains("model was config ", refusal);
    }

    [Fact]
    public void An_adapter_does_not_go_on_with_another_dropout_however_close()
    {
        using var folder = new TrainingFolder();
        string[] recipe = ["--lora-rank", "2", "--max-steps", "2", "--save_steps", "1"];
        ReboundProcess.Run(folder.Arguments([.. recipe, "--lora-dropout", "0.0001"])).Succeeded();

        var refusal = ReboundProcess.Run(folder.Arguments([.. recipe, "--lora-dropout", "0.0004", "--resume", "auto"])).Refused();

        Assert.Contains("dropout 0.0004", refusal);
    }

    [Fact]
    public void An_adapter_is_trained_on_and_its_settings_are_its_own()
    {
        using var folder = new TrainingFolder();
        ReboundProcess.Run(folder.Arguments("--max_steps", "2", "--lora-rank", "4", "--output_dir", folder.Path("first"))).Succeeded();

        var second = ReboundProcess.Run(folder.Arguments("--max_steps", "2", "--model_name_or_path", folder.Path("first")));

        Assert.Contains("LoRA of rank 4", second.Error);
        second.Succeeded();
        using var source = ModelSource.Open(folder.Path("out"));
        Assert.Equal(Path.GetFullPath(folder.Path("model")), source.Location);
        Assert.Contains("leave out the --lora options", ReboundProcess.Run(
            folder.Arguments(
                "--max_steps", "2", "--model_name_or_path", folder.Path("first"), "--lora-rank", "8", "--output_dir", folder.Path("third")))
                    .Refused());
    }

    [Fact]
    public void What_is_wrong_with_the_adapters_options_is_said_at_once()
    {
        using var folder = new TrainingFolder();
        var said = ReboundProcess.Run(folder.Arguments(
            "--lora-rank", "0", "--lora-alpha", "-1", "--lora-dropout", "1", "--lora-targets", "attention")).Refused();
        foreach (var words in new[] { "--lora-rank is 0", "--lora-alpha is -1", "--lora-dropout is 1", "'attention' is no linear layer" })
        {
            Assert.Contains(words, said);
        }
    }
}
