using System.Text.Json.Nodes;
using Rebound.Cli.Machine;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Tests;

public sealed class DoctorTests
{
    [Fact]
    public void Doctor_tells_the_runtime_the_cores_the_memory_and_what_was_tried_for_cuda()
    {
        var report = JsonNode.Parse(ReboundProcess.Run("doctor", "--json").Succeeded())!;

        Assert.StartsWith(".NET 10.", (string?)report["runtime"]!["runtime"]);
        Assert.Equal(Environment.ProcessorCount, (int)report["processor"]!["usable_cores"]!);
        Assert.Contains((int)report["processor"]!["vector_bits"]!, new[] { 0, 128, 256, 512 });
        Assert.True((long)report["memory"]!["total_bytes"]! > 1L << 28);
        foreach (var library in new[] { "cuda_driver", "nvrtc", "cublaslt", "nccl" })
        {
            var location = report["cuda"]![library]!;
            Assert.NotEmpty(location["tried"]!.AsArray());
            Assert.Equal((bool)location["found"]!, location["path"] is not null);
        }

        var absence = CudaRuntime.Find().Absence;
        Assert.StartsWith(absence is null ? "cuda (" : $"none: {absence}", (string?)report["cuda"]!["engine"]);
    }

    [Fact]
    public void The_verdict_says_what_fits_and_how_fast()
    {
        var verdict = JsonNode.Parse(ReboundProcess.Run("doctor", "--json").Succeeded())!["verdict"]!;

        Assert.True((double)verdict["gflops"]! > 0);
        var models = verdict["models"]!.AsArray();
        Assert.Equal(KnownModel.All.Select(model => model.Name), models.Select(model => (string?)model!["name"]));
        Assert.All(models, model => Assert.All((string[])["training", "adapter", "prompt", "answer"], ability => Assert.Equal(
            (bool)model![ability]!["fits"]!, (long)model[ability]!["bytes"]! <= (long)verdict["available_bytes"]!)));
        var parameters = models.Select(model => (long)model!["parameters"]!).ToArray();
        Assert.Equal(parameters.Order(), parameters);
        Assert.Equal(134_515_008, parameters[0]);
    }

    [Fact]
    public void Where_cuda_was_looked_for_is_told_to_those_who_ask()
    {
        Assert.SkipWhen(CudaRuntime.Find().Absence is null, "CUDA is here");

        Assert.Contains("Looked for CUDA's absent libraries in", ReboundProcess.Run("doctor", "--verbose").Succeeded());
    }

    [Fact]
    public void Doctor_follows_the_instruction_sets_that_are_switched_off()
    {
        var off = new Dictionary<string, string> { ["DOTNET_EnableAVX2"] = "0" };

        var report = JsonNode.Parse(ReboundProcess.Run(["doctor", "--json"], off).Succeeded())!;

        Assert.DoesNotContain("AVX2", report["processor"]!["instruction_sets"]!.AsArray().Select(set => (string?)set));
        Assert.True((int)report["processor"]!["vector_bits"]! <= 128);
    }

    [Fact]
    public void Folders_named_for_cuda_are_tried_first_and_a_file_that_is_no_library_is_said_to_be_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the file names are those of Linux");
        var given = Directory.CreateTempSubdirectory("rebound-cuda-").FullName;
        var named = Directory.CreateTempSubdirectory("rebound-cuda-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(given, "libnvrtc.so"), "not a library");
            var environment = new Dictionary<string, string> { ["REBOUND_CUDA_PATH"] = named };

            var report = JsonNode.Parse(ReboundProcess.Run(["doctor", "--json", "--cuda-path", given], environment).Succeeded())!;

            var tried = report["cuda"]!["nvrtc"]!["tried"]!.AsArray();
            Assert.Equal(Path.Combine(given, "libnvrtc.so"), (string?)tried[0]!["path"]);
            Assert.Contains("libnvrtc.so", (string?)tried[0]!["outcome"]);
            Assert.Equal(named, (string?)tried[1]!["path"]);
        }
        finally
        {
            Directory.Delete(given, recursive: true);
            Directory.Delete(named, recursive: true);
        }
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_refused() =>
        Assert.Contains("--cuda-path /no/such is no folder", ReboundProcess.Run("doctor", "--cuda-path", "/no/such").Refused());

    [Fact]
    public void Quiet_and_no_color_leave_the_report_as_it_is()
    {
        var environment = new Dictionary<string, string> { ["NO_COLOR"] = "1" };

        var report = ReboundProcess.Run(["doctor", "--quiet"], environment).Succeeded();

        Assert.Contains("Processor\n", report);
        Assert.Contains("Verdict\n", report);
        Assert.Contains("The largest of these", report);
        if (!NvidiaHardware.IsSeen)
        {
            Assert.DoesNotContain("Looked for CUDA", report);
        }
        Assert.DoesNotContain('\u001b', report);
    }
}
