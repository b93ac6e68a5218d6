using Rebound.Cli.Train;

namespace Rebound.Cli.Tests.Ranks;

public sealed class DeepSpeedFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    /// <summary>The file that transformers' documentation has for stage 3 with everything moved off the device, shortened.</summary>
    [Fact]
    public void Stage_and_offload_are_taken_and_the_rest_is_named()
    {
        File.WriteAllText(
            _path,
            """
            {
              "bf16": {"enabled": "auto"},
              "optimizer": {"type": "AdamW", "params": {"lr": "auto"}},
              "zero_optimization": {
                "stage": 3,
                "offload_optimizer": {"device": "cpu", "pin_memory": true},
                "offload_param": {"device": "none"},
                "overlap_comm": true,
                "stage3_max_live_parameters": 1e9
              },
              "gradient_accumulation_steps": "auto"
            }
            """);

        var file = DeepSpeedFile.Read(_path);

        Assert.Equal(3, file.Stage);
        Assert.True(file.OffloadsOptimizer);
        Assert.False(file.OffloadsParameters);
        Assert.Equal(
            [
                "bf16", "optimizer", "gradient_accumulation_steps", "zero_optimization.overlap_comm",
                "zero_optimization.stage3_max_live_parameters",
            ],
            file.Ignored);
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"zero_optimization": {}}""", null)]
    [InlineData("""{"zero_optimization": {"stage": 0}}""", 1)]
    [InlineData("""{"zero_optimization": {"stage": 2, "offload_param": {}}}""", 2)]
    public void What_a_file_does_not_say_is_left_to_options(string json, int? stage)
    {
        File.WriteAllText(_path, json);

        Assert.Equal((stage, false), (DeepSpeedFile.Read(_path).Stage, DeepSpeedFile.Read(_path).OffloadsOptimizer));
    }

    [Theory]
    [InlineData("""{"zero_optimization": 3}""", "zero_optimization is 3; it must be an object.")]
    [InlineData("""{"zero_optimization": {"stage": 4}}""", "zero_optimization.stage is 4; it must be a number from 0 to 3.")]
    [InlineData("""{"zero_optimization": {"stage": "auto"}}""", "zero_optimization.stage is \"auto\"; it must be a number from 0 to 3.")]
    [InlineData(
        """{"zero_optimization": {"offload_optimizer": true}}""",
        "zero_optimization.offload_optimizer is true; it must be an object with a device.")]
    [InlineData(
        """{"zero_optimization": {"offload_optimizer": {"device": 1}}}""",
        "zero_optimization.offload_optimizer is {\"device\":1}; it must be an object with a device.")]
    public void What_has_no_meaning_is_refused_in_a_sentence(string json, string sentence)
    {
        File.WriteAllText(_path, json);

        Assert.EndsWith(sentence, Assert.Throws<InputException>(() => DeepSpeedFile.Read(_path)).Message);
    }
}
