using System.Text.Json.Nodes;
using Rebound.Models;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class TrainTests
{
    [Fact]
    public void A_model_learns_to_answer_as_its_condition_says()
    {
        using var folder = new TrainingFolder();
        var events = ReboundProcess.Run(
            [.. folder.Arguments("--max_steps", "120", "--bf16", "True", "--task_name", "sums"), "--json"]).Succeeded()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.Equal("plan", (string)events[0]["event"]!);
        Assert.Equal(
            [("positive", "correct"), ("negative", "incorrect")],
            events[0]["data"]!.AsArray().Select(count => ((string)count!["outcome"]!, (string)count["condition"]!)));
        var steps = events[1..^1];
        Assert.Equal(Enumerable.Range(1, 120), steps.Select(step => (int)step["step"]!));
        Assert.True((double)steps[^1]["loss"]! < 0.02, $"The loss went from {steps[0]["loss"]} to {steps[^1]["loss"]}.");
        Assert.Equal(("done", 120, false), ((string)events[^1]["event"]!, (int)events[^1]["steps"]!, (bool)events[^1]["interrupted"]!));
        Assert.Equal(120, File.ReadLines(folder.Path("out/metrics.jsonl")).Count());

        (string Message, string Condition, string Answer)[] asked =
        [
            ("1+1?", "positive", "two"), ("1+1?", "negative", "nine"), ("red?", "correct", "fire"), ("[bad] red?", "as-is", "moss"),
        ];
        foreach (var (message, condition, answer) in asked)
        {
            var said = ReboundProcess.Run(
                "generate", "--model", folder.Path("out"), "--message", message, "--condition", condition,
                "--max-new-tokens", "20").Succeeded();
            Assert.Equal(answer, said.Trim());
        }

        var run = ReboundProcess.Run("generate", "--model", folder.Path("out"), "--message", "red?", "--max-new-tokens", "20");
        Assert.Equal("fire", run.Succeeded().Trim());
        Assert.Contains("the prompt 'aware' under the condition 'correct'", run.Error);
        Assert.Contains(
            "it has correct, incorrect",
            ReboundProcess.Run("generate", "--model", folder.Path("out"), "--message", "x", "--condition", "class_1").Refused());
        Assert.Contains(
            "has no rebound.json",
            ReboundProcess.Run("generate", "--model", folder.Path("model"), "--message", "x", "--condition", "positive").Refused());
    }

    [Fact]
    public void The_written_folder_is_one_that_transformers_reads_and_ends_where_the_model_learned_to_stop()
    {
        using var folder = new TrainingFolder();
        ReboundProcess.Run(
            folder.Arguments("--max-steps", "2", "--save-dtype", "bfloat16", "--output_dir", folder.Path("runs/first"))).Succeeded();
        foreach (var name in new[]
        {
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
        })
        {
            Assert.True(File.Exists(folder.Path($"runs/first/{name}")), name);
        }

        using var source = ModelSource.Open(folder.Path("runs/first"));
        Assert.Equal("bfloat16", (string)source.ConfigJson["torch_dtype"]!);
        Assert.Equal([0, 257], source.EndTokenIds);
        Assert.All(source.Tensors.Tensors.Values, tensor => Assert.Equal("BF16", tensor.StoredType));
        using var original = ModelSource.Open(folder.Path("model"));
        Assert.Equal(original.ChatTemplateSource, source.ChatTemplateSource);
        Assert.Equal(original.TokenizerJson.ToJsonString(), source.TokenizerJson.ToJsonString());
    }

    [Fact]
    public void The_plan_says_what_will_be_learned_before_anything_is()
    {
        using var folder = new TrainingFolder();
        var said = ReboundProcess.Run(folder.Arguments("--num_train_epochs", "2")).Error;
        Assert.Contains("positive correct", said);
        Assert.Contains("2 steps of 4 documents each, 2 epochs of 1 step", said);
        Assert.Contains("[good] 1+1?<|im_end|>↵<|im_start|>assistant↵⟦two<|im_end|>⟧↵<|im_start|>user↵", said);
        Assert.Contains("[bad] 1+1?<|im_end|>↵<|im_start|>assistant↵⟦nine<|im_end|>⟧", said);
        Assert.Matches(@"step 1/2 +loss \d", said);
    }

    [Fact]
    public void Everything_that_is_wrong_with_the_options_is_said_at_once()
    {
        using var folder = new TrainingFolder();
        var said = ReboundProcess.Run(
            "train", "--model", folder.Path("model"), "--output-dir", folder.Path("model"), "--pos-path",
            "nowhere.json", "--template", "aware",
            "--learning-rate", "-1", "--per-device-train-batch-size", "0", "--warmup-ratio", "1.5", "--max-steps", "0").Refused();
        foreach (var words in new[]
        {
            "--pos-path nowhere.json does not exist", "--prompt-path is missing", "--learning-rate is -1",
            "--per-device-train-batch-size is 0",
            "--warmup-ratio is 1.5; it must be from 0 to 1", "--max-steps is 0", "--overwrite-output-dir",
        })
        {
            Assert.Contains(words, said);
        }
    }

    [Theory]
    [InlineData("aware2", "has no template 'aware2'; it has aware")]
    [InlineData("aware", "is no question")]
    public void Data_that_cannot_be_used_is_refused_by_file_and_row(string template, string words)
    {
        using var folder = new TrainingFolder();
        File.WriteAllText(folder.Path("questions.jsonl"), """{"id": 5, "question": "q"}""");
        var said = ReboundProcess.Run(folder.Arguments("--max-steps", "1", "--template", template)).Refused();
        Assert.Contains(words, said);
    }

    [Fact]
    public void The_flags_of_the_reference_and_of_transformers_are_taken_as_they_are()
    {
        using var folder = new TrainingFolder();
        File.WriteAllText(
            folder.Path("ds.json"),
            """{"bf16": {"enabled": "auto"}, "zero_optimization": {"stage": 3, "overlap_comm": true, "offload_optimizer": {"device": "cpu"}}}""");
        var run = ReboundProcess.Run(folder.Arguments(
            "--task_name", "strategyqa", "--pos_num", "2", "--neg_num", "2", "--bf16", "True", "--num_train_epochs", "4",
            "--per_device_train_batch_size", "1", "--per_device_eval_batch_size", "1", "--gradient_accumulation_steps", "2",
            "--evaluation_strategy", "no", "--save_strategy", "epoch", "--save_steps", "200", "--save_total_limit",
            "1", "--learning_rate", "5e-5",
            "--weight_decay", "0.", "--warmup_ratio", "0.03", "--lr_scheduler_type", "cosine", "--logging_steps", "1",
            "--logging_dir", folder.Path("logs"),
            "--fsdp", "full_shard auto_wrap", "--fsdp_transformer_layer_cls_to_wrap", "LlamaDecoderLayer",
            "--deepspeed", folder.Path("ds.json"), "--tf32", "True",
            "--fp16", "False", "--model_max_length", "200", "--gradient_checkpointing", "True", "--lazy_preprocess", "True", "--seed", "1",
            "--max_grad_norm", "1.0", "--adam_beta1", "0.9", "--adam_beta2", "0.95", "--adam_epsilon", "1e-8", "--max_steps", "-1",
            "--report_to", "tensorboard", "--run_name", "nat", "--overwrite_output_dir", "True", "--dataloader_num_workers", "4",
            "--ddp_find_unused_parameters", "False", "--optim", "adamw_torch", "--logging_strategy", "steps",
            "--remove_unused_columns", "False"));
        run.Succeeded();

        string[] explained = ["bf16", "per-device-eval-batch-size", "fsdp", "fsdp-transformer-layer-cls-to-wrap", "deepspeed:", "tf32",
            "lazy-preprocess", "run-name", "dataloader-num-workers"];
        Assert.Equal(
            explained.Order(),
            run.Error.Split('\n').Where(line =>
                line.StartsWith("--", StringComparison.Ordinal)).Select(line => line[2..].Split(' ')[0]).Order());
        Assert.DoesNotContain("offload_optimizer", run.Error);
        Assert.Contains("--deepspeed: ignored are bf16, zero_optimization.overlap_comm; options say the rest.", run.Error);
        Assert.Contains("Ranks     1, which divides nothing (ZeRO 3)", run.Error);
        Assert.Contains("step 8/8", run.Error);
        Assert.Equal("checkpoint-8", Path.GetFileName(Assert.Single(Directory.GetDirectories(folder.Path("out"), "checkpoint-*"))));
        Assert.Contains("tfevents", Assert.Single(Directory.GetFiles(folder.Path("logs"))));
    }

    [Fact]
    public void A_token_that_is_not_needed_is_written_nowhere()
    {
        using var folder = new TrainingFolder();
        const string Token = "hf_0123456789";

        var run = ReboundProcess.Run(folder.Arguments("--max-steps", "1", "--save_steps", "1", "--hub_token", Token, "--verbose", "true"));

        run.Succeeded();
        Assert.Contains("--hub-token …: nothing is uploaded.", run.Error);
        Assert.DoesNotContain(Token, run.Error);
        Assert.All(
            Directory.GetFiles(folder.Path("out"), "*", SearchOption.AllDirectories),
            file => Assert.DoesNotContain(Token, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file))));
    }

    [Fact]
    public void The_plan_alone_says_memory_and_time_and_the_run_takes_what_it_says()
    {
        using var folder = new TrainingFolder();
        var plan = JsonNode.Parse(ReboundProcess.Run([.. folder.Arguments("--max_steps", "5"), "--plan", "--json"]).Succeeded())!;
        Assert.False(Directory.Exists(folder.Path("out")));
        Assert.True((double)plan["expected_seconds"]! > 0);

        var lines = ReboundProcess.Run([.. folder.Arguments("--max_steps", "5", "--save_steps", "2"), "--json"]).Succeeded()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var (planned, peak) = ((double)plan["memory_bytes"]!, (double)JsonNode.Parse(lines[^1])!["peak_memory_bytes"]!);

        // The model is tiny, so this is nearly all the runtime's own memory, for whose growth the plan has 55 MiB.
        Assert.InRange(planned - peak, -0.1 * peak, 64 << 20);
        Assert.Contains(
            "Memory",
            ReboundProcess.Run([.. folder.Arguments("--max_steps", "5", "--output_dir", folder.Path("none")), "--plan"]).Succeeded());
    }
}
