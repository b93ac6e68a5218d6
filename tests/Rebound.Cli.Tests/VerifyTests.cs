using System.Text.Json.Nodes;
using Rebound.Engine.Cuda;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class VerifyTests
{
    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("llama3_gqa_ropescaled")]
    [InlineData("mistral_gqa")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    [InlineData("smollm2_tied")]
    public void Verify_confirms_a_model_against_its_reference_and_its_steps(string name)
    {
        var folder = SharedData.Path($"golden/models/{name}");

        var run = ReboundProcess.Run(
            "verify", "--model", folder, "--reference", Path.Combine(folder, "expected.safetensors"),
            "--steps", Path.Combine(folder, "train10.json"), "--json");

        var report = JsonNode.Parse(run.Succeeded())!;
        Assert.True((bool)report["passed"]!);
        var names = report["results"]!.AsArray().Select(result => (string)result!["name"]!).ToArray();
        Assert.Empty(new[] { "logits", "loss", "greedy", "step 10 loss", "step 10 grad_norm" }.Except(names));
        Assert.Contains(names, result => result.StartsWith("grad.", StringComparison.Ordinal));
    }

    [Fact]
    public void Verify_confirms_an_adapter_and_asks_for_its_model_when_it_says_none()
    {
        var folder = SharedData.Path("golden/lora");
        string[] adapter = ["--adapter", Path.Combine(folder, "adapter"), "--reference", Path.Combine(folder, "expected.safetensors")];

        var run = ReboundProcess.Run(["verify", "--model", Path.Combine(folder, "base"), .. adapter, "--json"]);

        var report = JsonNode.Parse(run.Succeeded())!;
        Assert.True((bool)report["passed"]!);
        Assert.Equal(11, report["results"]!.AsArray().Count);
        Assert.Contains("does not say what it was trained on", ReboundProcess.Run(["verify", .. adapter]).Refused());
    }

    [Fact]
    public void A_difference_beyond_the_tolerance_is_shown_and_fails()
    {
        var folder = SharedData.Path("golden/models/smollm2_tied");

        var run = ReboundProcess.Run(
            "verify", "--model", folder, "--reference", Path.Combine(folder, "expected.safetensors"), "--tolerance", "1e-12");

        Assert.Equal(1, run.ExitCode);
        Assert.Matches("(?m)logits .*FAILED", run.Output);
        Assert.Matches("(?m)greedy .*ok", run.Output);
        Assert.Contains("comparisons failed", run.Output);
    }

    [Fact]
    public void A_reference_that_is_absent_is_named()
    {
        var folder = SharedData.Path("golden/models/smollm2_tied");

        Assert.Contains(
            "/no/such.safetensors does not exist",
            ReboundProcess.Run("verify", "--model", folder, "--reference", "/no/such.safetensors").Refused());
    }

    [Fact]
    public void A_reference_that_is_no_safetensors_file_is_refused()
    {
        var folder = SharedData.Path("golden/models/smollm2_tied");

        Assert.Contains(
            "config.json",
            ReboundProcess.Run("verify", "--model", folder, "--reference", Path.Combine(folder, "config.json"), "--quiet").Refused());
    }

    [Theory]
    [InlineData("--reference, --steps or --losses is required", "--model", "DIR")]
    [InlineData("--model or --adapter is required", "--reference", "x.safetensors")]
    [InlineData("--tolerance is '1e-4x', and must be a number", "--model", "DIR", "--steps", "x", "--tolerance", "1e-4x")]
    [InlineData("--tolerance is -1, and must be a number above 0", "--model", "DIR", "--steps", "x", "--tolerance", "-1")]
    public void Wrong_options_are_refused_before_any_work(string expected, params string[] options) =>
        Assert.Contains(expected, ReboundProcess.Run(["verify", .. options]).Refused());

    [Fact]
    public void A_model_that_is_absent_is_refused()
    {
        var folder = SharedData.Path("golden/models/smollm2_tied");

        var error = ReboundProcess.Run(
            "verify", "--model", "/no/such/model", "--reference", Path.Combine(folder, "expected.safetensors")).Refused();

        Assert.Contains("/no/such/model", error);
    }

    [Fact]
    public void Cuda_asked_for_where_there_is_none_is_refused_with_what_was_tried()
    {
        Assert.SkipWhen(CudaRuntime.Find().Absence is null, "This machine has a GPU.");
        var folder = SharedData.Path("golden/models/smollm2_tied");

        var error = ReboundProcess.Run(
            "verify", "--model", folder, "--reference", Path.Combine(folder, "expected.safetensors"), "--device", "cuda").Refused();

        Assert.Contains("--device cuda: no CUDA driver was found. It was looked for in", error);
        Assert.Contains("libcuda", error);
        Assert.Contains("--device cpu", error);
    }

    [Fact]
    public void Without_a_gpu_the_cpu_computes_and_why_is_said_to_who_asks()
    {
        Assert.SkipWhen(CudaRuntime.Find().Absence is null, "This machine has a GPU.");
        var folder = SharedData.Path("golden/models/smollm2_tied");

        string[] arguments = ["verify", "--model", folder, "--reference", Path.Combine(folder, "expected.safetensors")];
        const string why = "No GPU is used, since no CUDA driver was found; the CPU computes.";

        var run = ReboundProcess.Run(arguments);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("on cpu (", run.Error);
        Assert.DoesNotContain(why, run.Error);
        Assert.Contains(why, ReboundProcess.Run([.. arguments, "--verbose"]).Error);
    }

    [Theory]
    [InlineData("gpu", null, "must be auto, cpu, cuda, or cuda:N")]
    [InlineData("cuda:x", null, "must be auto, cpu, cuda, or cuda:N")]
    [InlineData("cpu", "bfloat16", "--dtype bfloat16 needs a GPU")]
    public void A_device_or_type_that_there_is_not_is_refused(string device, string? type, string expected)
    {
        var folder = SharedData.Path("golden/models/smollm2_tied");
        string[] options = ["verify", "--model", folder, "--reference", Path.Combine(folder, "expected.safetensors"), "--device", device];

        Assert.Contains(expected, ReboundProcess.Run(type is null ? options : [.. options, "--dtype", type]).Refused());
    }
}
