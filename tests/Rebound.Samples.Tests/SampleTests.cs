using System.Reflection;
using Rebound.Testing;
using Rebound.Trajectories;

namespace Rebound.Samples.Tests;

/// <summary>The programs of <c>samples/</c> are short, run, and do what they say.</summary>
public sealed class SampleTests : IDisposable
{
    private static readonly string Samples = Path.Combine(SharedData.RepositoryRoot, "samples");

    private readonly TrainingFolder _folder = new();

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Samples, "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).OfType<string>()];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_has_at_most_forty_lines(string name) =>
        Assert.InRange(File.ReadLines(Path.Combine(Samples, name, "Program.cs")).Count(), 1, 40);

    [Theory]
    [InlineData("README.md", "FineTune")]
    [InlineData("docs/dotnet.md", "AgentFramework")]
    [InlineData("docs/dotnet.md", "SemanticKernel")]
    public void A_page_shows_a_sample_as_it_stands(string page, string sample)
    {
        var text = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, page));

        Assert.Contains($"```csharp\n{File.ReadAllText(Path.Combine(Samples, sample, "Program.cs"))}```\n", text);
    }

    [Fact]
    public void One_fine_tunes_on_trajectories_and_asks_the_model()
    {
        var lines = Run(
            "FineTune", Model("model", seed: 3), _folder.Path("positive.json"), _folder.Path("negative.json"),
            _folder.Path("questions.jsonl"), _folder.Path("out"), "1+1?");

        Assert.Equal(
            Enumerable.Range(1, 16).Select(step => $"step {step}: loss"), lines.Take(16).Select(line => line[..line.LastIndexOf(' ')]));
        Assert.Equal(16, AgentCard.Find(_folder.Path("out"))!.Steps);
        Assert.True(File.Exists(_folder.Path("out/adapter_model.safetensors")));
    }

    [Fact]
    public void One_evaluates_two_checkpoints_paired()
    {
        File.WriteAllLines(
            _folder.Path("sums.jsonl"),
            ["""{"id": 1, "question": "1+1?", "answer": "2"}""", """{"id": 2, "question": "2+2?", "answer": "4"}"""]);
        File.WriteAllText(
            _folder.Path("task.yml"), "name: sums\nquestions: sums.jsonl\nscorer: math\ntools: [calculate]\nprompt: outcome\n");

        var lines = Run("Compare", _folder.Path("task.yml"), Model("one", seed: 3), Model("two", seed: 4), _folder.Path("results"));

        Assert.Equal(["accuracy: 0.0 points (0.0 to 0.0) on 2 questions"], lines);
        Assert.True(File.Exists(_folder.Path("results/second/aggregate.json")));
    }

    [Fact]
    public void One_keeps_the_episodes_of_an_agent_of_its_own_and_trains_on_them()
    {
        var lines = Run("OwnAgent", Model("model", seed: 3), _folder.Path("own"));

        Assert.Equal("2 of 3 right", lines[0]);
        Assert.Equal([2, 1], AgentCard.Find(_folder.Path("own/model"))!.TrainedOn.Select(count => count.Trajectories));
    }

    [Fact]
    public void One_is_an_agent_of_the_agent_framework_that_calls_its_tool()
    {
        TestModels.Write(_folder.Path("caller"));

        var lines = Run("AgentFramework", _folder.Path("caller"), "How many nuts?", "And pins?");

        Assert.Equal(2, lines.Count(line => line.StartsWith("(looks for ", StringComparison.Ordinal)));
        Assert.Contains("How many nuts?", lines);
        Assert.Contains("And pins?", lines);
    }

    [Fact]
    public void One_is_a_prompt_of_semantic_kernel_that_calls_its_function()
    {
        TestModels.Write(_folder.Path("caller"));

        var lines = Run("SemanticKernel", _folder.Path("caller"), "how many nuts?");

        Assert.Contains(lines, line => line.StartsWith("(looks for ", StringComparison.Ordinal));
    }

    /// <summary>A tiny model whose context holds a whole episode.</summary>
    private string Model(string name, ulong seed)
    {
        var path = _folder.Path($"{name}-of-samples");
        TinyChatModel.Write(path, seed, config: TinyChatModel.Config with { MaxPositions = 1024 });
        return path;
    }

    /// <summary>Runs a sample's program in this process.</summary>
    /// <returns>The lines that it printed.</returns>
    private static string[] Run(string sample, params string[] arguments)
    {
        var (before, output) = (Console.Out, new StringWriter());
        Console.SetOut(output);
        try
        {
            Assembly.Load(sample).EntryPoint!.Invoke(null, [arguments]);
        }
        finally
        {
            Console.SetOut(before);
        }

        return output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
