// An agent of one's own with a tool in C#; its episodes are kept, and a model learns from them: OwnAgent MODEL OUTPUT
using System.Text.Json;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Agents.Runs;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Engine;
using Rebound.Training.Runs;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Selection;

var stock = new Dictionary<string, int> { ["bolts"] = 40, ["nuts"] = 12, ["pins"] = 7 };
var tools = new ToolSet(AIFunctionFactory.Create((string part) => $"{stock[part]}", "stock", "how many pieces of a part there are"));
var questionFile = Path.Combine(Directory.CreateDirectory(args[1]).FullName, "questions.jsonl");
File.WriteAllLines(questionFile, stock.Select(part =>
    JsonSerializer.Serialize(new { id = part.Key, question = $"How many {part.Key}?", answer = part.Value })));
var questions = await QuestionLoader.ReadAsync(questionFile, QuestionFields.Usual);
var task = new AgentTask("stock", new NumberScorer(), ["stock"], Prompt: "outcome", Template: null, QuestionFields.Usual);

// Any chat client can be the agent's model; this one guesses how many nuts there are.
using var clerk = AgentModel.Of("clerk",
    new ScriptedModel(messages => (messages[^1].Text, stock.Keys.First(messages[0].Text.Contains)) switch
    {
        (['O', 'b', 's', .. var observed], _) => $"Thought: That many.\nAction: finish[{observed.Split(' ')[^1]}]",
        (_, "nuts") => "Thought: A dozen, or fewer.\nAction: finish[10]",
        var (_, part) => $"Thought: I look them up.\nAction: stock[{part}]",
    }));
var collection = new CollectionOptions { OutputFolder = Path.Combine(args[1], "episodes"), Temperatures = [0.2f] };
using var run = CollectionRun.Open(clerk, AgentSetup.Of(task, questions, clerk), tools, collection);
Console.WriteLine($"{(await run.RunAsync()).Totals.Successes} of {run.Attempts.Count} right");

using var backend = new CpuBackend();
using var model = StartingModel.Open(args[0]);
var (positive, negative) = (run.Folder.PositivePath, run.Folder.NegativePath);
var data = new DatasetOptions { PositivePath = positive, NegativePath = negative, QuestionPath = questionFile, Prompt = "outcome" };
var output = Path.Combine(args[1], "model");
var recipe = new RunOptions { OutputFolder = output, Data = data, Training = new() { MaxSteps = 8, LearningRate = 1e-3 } };
Console.WriteLine($"loss {TrainingRun.Prepare(recipe, model, new RunHost(backend)).Train().Steps[^1].Loss:F4}");
