using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories;

namespace Rebound.Agents.Tests.Tasks;

public sealed class UserTaskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-task-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_task_names_a_built_in_prompt_its_servers_and_its_format()
    {
        var task = Load(
            "prompt: math\ntools: [calculate, get-sum]\nmcp: [node \"my server.mjs\", 'http://localhost:3001/mcp']\ntool_format: native");

        Assert.Equal(("math", "math-native"), (task.Prompt, task.NativePrompt));
        Assert.Equal("math-native", TaskPrompt.Open(task, ToolFormat.Native).Name);
        Assert.Equal(["node \"my server.mjs\"", "http://localhost:3001/mcp"], task.Servers);
        Assert.Equal(["calculate", "get-sum"], task.Tools);
        Assert.Equal(ToolFormat.Native, task.ToolFormat);
        Assert.Null(Load("tool_format: auto").ToolFormat);
    }

    [Fact]
    public void Another_prompt_is_a_file_beside_the_task()
    {
        var task = Load("prompt: own.yml");

        Assert.Equal((Path.Combine(_folder, "own.yml"), null), (task.Prompt, task.NativePrompt));
    }

    [Fact]
    public void The_task_of_the_cases_loads_with_its_prompt()
    {
        var task = TaskRegistry.Open(SharedData.Path("cases/agents/scoring/yn.yml"));

        Assert.Contains("{question}", TaskPrompt.Open(task, ToolFormat.React).Question!.Source);
    }

    [Fact]
    public void Examples_that_the_scorer_judges_as_they_say_are_taken()
    {
        var task = Load("""
            examples:
            - {question: 7 + 8?, answer: 15, given: "15.0", right: true}
            - {answer: ["a dozen", 12], given: 12}
            - {answer: 15, given: "1,5", right: false}
            """);

        Assert.Equal(3, task.Examples.Count);
    }

    [Theory]
    [InlineData("examples: [{answer: 15, given: fifteen}]",
        "'examples': the scorer finds 'fifteen' wrong where the answer is 15, and example 1 says that it is right; choose another scorer")]
    [InlineData("examples: [{answer: 15, given: 15, right: false}]",
        "finds '15' right where the answer is 15, and example 1 says that it is wrong")]
    [InlineData("examples: [{answer: 15}]", "'examples[0].given': must be the text")]
    [InlineData("examples: [{given: 15}]", "'examples[0].answer': is missing")]
    [InlineData("examples: [{answer: 1, given: 1, right: maybe}]", "'examples[0].right': must be true or false")]
    [InlineData("examples: [{answer: 1, gives: 1}]", "did you mean 'given'")]
    [InlineData("tool_format: xml", "'xml' is none of react, native and auto")]
    [InlineData("mcp: {command: node}", "'mcp': must be a list of names")]
    [InlineData("scorer: {comand: x}", "did you mean 'command'")]
    [InlineData("scorer: {command: \"x 'y\"}", "'scorer.command': is no command line: the quote ' is not closed")]
    public void What_is_wrong_is_said(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<DataException>(() => Load(yaml)).Message);

    [Fact]
    public async Task A_command_of_a_file_judges_nothing_by_itself()
    {
        var mark = Path.Combine(_folder, "mark");
        var task = Load($"scorer: {{command: \"touch {mark}\"}}\nexamples: [{{answer: 1, given: 1}}]");

        var error = await Assert.ThrowsAsync<JudgeException>(() => task.Judge.JudgeAsync(
            new JudgedEpisode(new TaskQuestion(1, "?", 1), "1", [], []), TestContext.Current.CancellationToken));

        Assert.Equal($"touch {mark}", task.JudgeCommand);
        Assert.Contains("was not allowed to start", error.Message);
        Assert.False(File.Exists(mark));
    }

    private AgentTask Load(string yaml)
    {
        var path = Path.Combine(_folder, "mine.yml");
        File.WriteAllText(
            path,
            $"name: mine\nquestions: q.jsonl\n{(yaml.Contains("scorer:", StringComparison.Ordinal) ? "" : "scorer: number\n")}{yaml}");
        return TaskRegistry.Open(path);
    }
}
