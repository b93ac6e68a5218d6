using Rebound.Testing;

namespace Rebound.Cli.Tests;

public sealed class HostileYamlTests
{
    [Theory]
    [InlineData("selfref.yml")]
    [InlineData("bomb.yml")]
    public void A_hostile_task_prompt_or_options_file_is_refused_by_name_and_line(string name)
    {
        var path = SharedData.Path($"cases/hostile/yaml/{name}");

        Assert.StartsWith(
            $"rebound: {path}: line ",
            ReboundProcess.Run("chat", "--model", "m", "--endpoint", "http://localhost:1", "--task", path).Refused());
        Assert.StartsWith(
            $"rebound: {path}: line ",
            ReboundProcess.Run("chat", "--model", "m", "--endpoint", "http://localhost:1", "--prompt", path).Refused());
        Assert.StartsWith($"rebound: {path}: line ", ReboundProcess.Run("train", path).Refused());
    }

    [Fact]
    public void A_hostile_task_that_came_with_a_model_is_refused_by_name_and_line()
    {
        var model = SharedData.Path("cases/hostile/card_yaml");

        Assert.StartsWith(
            $"rebound: {Path.Combine(model, "task.yml")}: line 1: *a refers to what it stands in",
            ReboundProcess.Run("chat", "--model", model).Refused());
    }
}
