using System.Text.Json.Nodes;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Models;
using Rebound.Study.Workbench;
using Rebound.Testing;
using Rebound.Trajectories.Chat;

namespace Rebound.Study.Tests.Workbench;

public sealed class AgentTrialsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(1);

    public AgentTrialsTests()
    {
        TinyChatModel.Write(_folder.File("model"));
        _folder.Write("questions.jsonl", """{"question": "1 + 1?", "answer": "2"}""" + "\n" + """{"question": "2 + 2?", "answer": "4"}""");
        _folder.Write("task.yml", "name: sums\nquestions: questions.jsonl\nscorer: answer\ntools: [calculate]\nprompt: prompt.yml\n");
        _folder.Write("prompt.yml", "question: \"{question}\"\n");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_there_is_read_without_the_weights()
    {
        var collection = new CollectionOptions { OutputFolder = _folder.File("collected"), Temperatures = [1], Samples = 2, Seed = 1 };
        var evaluation = new EvaluationOptions { OutputFolder = _folder.File("evaluated") };
        using (var model = LocalAgentModel.Open(_folder.File("model"), _backend))
        {
            var collected = await AgentTrials.CollectAsync(model, Setup(model), Tools(), collection, cancellation: Stop);
            var report = await AgentTrials.EvaluateAsync(model, Setup(model), Tools(), evaluation, cancellation: Stop);
            Assert.Equal((4, 2), (collected.Totals.Episodes, report.Scores[0].Metrics[0].Values.Count));
        }

        using var source = ModelSource.Open(_folder.File("model"));
        using var unread = new LocalAgentModel(source, () => throw new InvalidOperationException("The weights are read."));
        var again = await AgentTrials.CollectAsync(unread, Setup(unread), Tools(), collection, cancellation: Stop);
        var same = await AgentTrials.EvaluateAsync(unread, Setup(unread), Tools(), evaluation, cancellation: Stop);
        Assert.Equal((4, 2), (again.Totals.Episodes, same.Scores[0].Metrics[0].Values.Count));
        await Assert.ThrowsAsync<InvalidOperationException>(() => AgentTrials.CollectAsync(
            unread, Setup(unread), Tools(), collection with { OutputFolder = _folder.File("new") }, cancellation: Stop));
    }

    [Fact]
    public async Task A_model_with_a_name_of_its_own_may_be_moved_with_its_episodes()
    {
        await EvaluateAsync(_folder.File("model"), "one");
        Directory.Move(_folder.File("model"), _folder.File("moved"));
        File.Delete(_folder.File("evaluated/aggregate.json"));

        await EvaluateAsync(_folder.File("moved"), "one");

        Assert.Equal("one", (string?)JsonNode.Parse(await File.ReadAllTextAsync(_folder.File("evaluated/aggregate.json"), Stop))!["model"]);
    }

    [Fact]
    public async Task A_model_that_does_not_answer_is_an_error_and_not_a_failure_of_the_agent()
    {
        using var client = new SilentModel();
        using var model = AgentModel.Of("silent", client);

        var error = await Assert.ThrowsAsync<UnansweredException>(() => AgentTrials.EvaluateAsync(
            model, Setup(model), Tools(), new EvaluationOptions { OutputFolder = _folder.File("evaluated") }, cancellation: Stop));

        Assert.Equal("No attempt had an answer from the model: out of order", error.Message);
    }

    [Fact]
    public void A_tool_that_nothing_provides_is_named()
    {
        var task = TaskRegistry.Open("hotpotqa");

        Assert.Contains("needs an index", Assert.Throws<ArgumentException>(() => TaskTools.Open(task)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "'hammer'", Assert.Throws<ArgumentException>(() => TaskTools.Open(task with { Tools = ["hammer"] })).Message,
            StringComparison.Ordinal);
        using var tools = TaskTools.Open(TaskRegistry.Open("gsm8k"));
        Assert.Equal(["calculate"], tools.Tools.All.Select(tool => tool.Name));
    }

    private async Task EvaluateAsync(string path, string name)
    {
        using var model = LocalAgentModel.Open(path, _backend, name);
        await AgentTrials.EvaluateAsync(
            model, Setup(model), Tools(), new EvaluationOptions { OutputFolder = _folder.File("evaluated") }, cancellation: Stop);
    }

    private AgentSetup Setup(AgentModel model)
    {
        var task = TaskRegistry.Open(_folder.File("task.yml"));
        var questions = QuestionLoader.ReadAsync(_folder.File("questions.jsonl"), task.Fields, cancellation: Stop).GetAwaiter().GetResult();
        return AgentSetup.Of(task, questions, model, new() { MaxOutputTokens = 8, StepLimit = 2 });
    }

    private static ToolSet Tools() => new(new CalculateTool());
}
