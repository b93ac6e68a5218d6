// Evaluates two checkpoints on the same questions, and says by how much they differ: Compare TASK FIRST SECOND OUTPUT
using Rebound.Agents.Evaluation;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Engine;
using Rebound.Inference.Chat;

var task = TaskRegistry.Open(args[0]);
var questions = await QuestionLoader.ReadAsync(QuestionLoader.Find(task, folder: "", split: "test"), task.Fields);
var tools = new ToolSet(new CalculateTool());
using var backend = new CpuBackend();

var (first, second) = (Path.Combine(args[3], "first"), Path.Combine(args[3], "second"));
await EvaluateAsync(args[1], new EvaluationOptions { OutputFolder = first, Temperature = 0 });
var other = Path.Combine(first, "positive");
var report = await EvaluateAsync(args[2], new EvaluationOptions { OutputFolder = second, Temperature = 0, CompareWith = other });

// The first in the report is the model that was just evaluated, the other the one to compare with; differences are over paired questions.
foreach (var (metric, (difference, interval)) in report.Gaps[0].Differences)
{
    var range = $"{100 * interval.Low:F1} to {100 * interval.High:F1}";
    Console.WriteLine($"{metric}: {100 * difference:+0.0;-0.0;0.0} points ({range}) on {questions.Count} questions");
}

async Task<EvaluationReport> EvaluateAsync(string path, EvaluationOptions options)
{
    using var model = LocalAgentModel.Open(path, backend);
    using var run = EvaluationRun.Open(model, AgentSetup.Of(task, questions, model), tools, options);
    return (await run.RunAsync()).Report!;
}
