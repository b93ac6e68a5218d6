using System.Text.Json.Nodes;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Engine;
using Rebound.Study.Improvement;
using Rebound.Study.Workbench;
using Rebound.Testing;
using Rebound.Training;
using Rebound.Training.Documents;
using Rebound.Training.Runs;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Tests.Improvement;

/// <summary>
/// A world of two letters that are to be said as they are, and a model that learned in a second or two to say them, as often the
/// wrong way round: it can improve.
/// </summary>
public sealed class EchoWorld : IDisposable
{
    private const string Letters = "abcdef";

    private readonly TemporaryFolder _folder = new();

    public EchoWorld()
    {
        (string Word, string Swapped)[] words =
            [.. from one in Letters from other in Letters where one != other select ($"{one}{other}", $"{other}{one}")];
        var random = new Random(1);
        random.Shuffle(words);
        Write("train.jsonl", words[..20]);
        Write("test.jsonl", words[20..]);
        _folder.Write("task.yml", "name: echo\nquestions: test.jsonl\nscorer: answer\ntools: [calculate]\nprompt: prompt.yml\n");
        _folder.Write(
            "prompt.yml",
            "question: \"{question}\"\nconditions: {positive: {when: {reward: true}, prefix: \"+\"}, negative: {when: {reward: false}, "
                + "prefix: \"-\"}}\n");
        TinyChatModel.Write(PathOf("random"));
        File.WriteAllText(PathOf("lessons.json"), new JsonArray([.. words.SelectMany((word, place) => new JsonNode[]
        {
            Lesson(place, word.Word, word.Word, right: true), Lesson(place, word.Word, word.Swapped, right: false),
        })]).ToJsonString());
        using var backend = new CpuBackend(2);
        new ModelTrainer(backend).Train(
            Training(180) with
            {
                OutputFolder = PathOf("model"),
                Data = new DatasetOptions
                {
                    ScoredPaths = [PathOf("lessons.json")],
                    Prompt = PathOf("prompt.yml"),
                    Method = TrainingMethod.Nut,
                },
            },
            () => StartingModel.Open(PathOf("random")));
    }

    /// <summary>The model to begin with.</summary>
    public string Model => PathOf("model");

    public string PathOf(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();

    /// <summary>The questions that are tried, or the held-out ones.</summary>
    public IReadOnlyList<TaskQuestion> Questions(string split) =>
        QuestionLoader.ReadAsync(PathOf($"{split}.jsonl"), QuestionFields.Usual).GetAwaiter().GetResult();

    public ImprovedAgent Agent() => new(
        TaskRegistry.Open(PathOf("task.yml")), Questions("train"), Questions("test"), new ToolSet(new CalculateTool()),
        new() { MaxOutputTokens = 24, StepLimit = 2 })
    {
        TaskPath = PathOf("task.yml"),
    };

    /// <summary>Options for an improvement in a folder of this world.</summary>
    public ImprovementOptions Options(string output) => new()
    {
        OutputFolder = PathOf(output),
        Model = Model,
        Rounds = 2,
        Temperatures = [0.5f, 1],
        Samples = 2,
        Concurrency = 20,
        EvaluationTemperature = 0,
        Training = Training(40),
    };

    private static RunOptions Training(int steps) => new()
    {
        OutputFolder = "",
        Data = new DatasetOptions(),
        Rendering = new RenderingOptions { ExcessLength = ExcessLength.Error },
        Training = new TrainingOptions { MaxSteps = steps, BatchSize = 8, LearningRate = 4e-3, Schedule = ScheduleKind.Cosine },
        PackTokens = 1024,
        TriesLargestBatch = false,
        Checkpoints = new CheckpointOptions { Schedule = new StepSchedule(StepStrategy.Steps, 10) },
    };

    private static JsonObject Lesson(int id, string question, string answer, bool right) => new()
    {
        ["id"] = id,
        ["conversations"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = question, ["loss"] = false },
            new JsonObject { ["role"] = "assistant", ["content"] = $"Action: finish[{answer}]", ["loss"] = true }),
        ["info"] = new JsonObject { ["reward"] = right },
    };

    private void Write(string name, IEnumerable<(string Word, string Swapped)> words) => _folder.Write(
        name,
        string.Concat(words.Select(word => new JsonObject { ["id"] = word.Word, ["question"] = word.Word, ["answer"] = word.Word }
            .ToJsonString() + "\n")));
}
