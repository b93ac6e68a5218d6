// Fine-tunes a model on the successes and failures of an agent, and asks it a question:
// FineTune MODEL POSITIVE NEGATIVE QUESTIONS OUTPUT QUESTION
using Microsoft.Extensions.AI;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Models.Adapters;
using Rebound.Training;
using Rebound.Training.Evaluation;
using Rebound.Training.Runs;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Selection;

var (output, question) = (args[4], args[5]);
using var backend = new CpuBackend();
using (var model = StartingModel.Open(args[0], new LoraSettings { Rank = 16 }))
{
    var options = new RunOptions
    {
        OutputFolder = output,
        Data = new DatasetOptions { PositivePath = args[1], NegativePath = args[2], QuestionPath = args[3], Prompt = "outcome" },
        Training = new TrainingOptions { MaxSteps = 16, LearningRate = 5e-4, WarmupRatio = 0.1 },
    };
    TrainingRun.Prepare(options, model, new RunHost(backend) { Observer = new Steps() }).Train();
}

// The agent card says how the model was asked in training: it is asked for a success.
using var agent = LocalAgentModel.Open(output, backend);
var prompt = agent.Card!.Prompt!;
var messages = prompt.Ask(question, prompt.Positive).Select(ChatMessages.ToMessage);
Console.WriteLine(await agent.Start(conversations: 1).GetResponseAsync(messages, new ChatOptions { MaxOutputTokens = 100 }));

internal sealed class Steps : ITrainingObserver
{
    public void StepDone(StepReport step, HeldOutReport? heldOut, BestHeldOut? best) =>
        Console.WriteLine($"step {step.Step}: loss {step.Loss:F4}");
}
