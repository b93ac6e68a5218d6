using System.CommandLine;
using Rebound.Cli.Agents;
using Rebound.Cli.Options;

namespace Rebound.Cli.Evaluate;

/// <summary><c>rebound evaluate</c>: how well a checkpoint does on a task, or how well recorded answers fit their questions.</summary>
internal static class EvaluateCommand
{
    private static readonly Option<string?> Rescore = OptionOf.Text(
        "--rescore", "FILE", "Score recorded predictions instead: rows with 'gt' and 'pred'; - is standard input");

    public static CliCommand Create()
    {
        var (agent, questions, endpoint, evaluation) = (new AgentOptions(), new QuestionOptions("test"),
            new EndpointOptions(), new EvaluateOptions());
        return new CliCommand("evaluate", "Let a model try a task with its tools, or score recorded answers", context =>
            Run(context, agent, questions, endpoint, evaluation))
        {
            TakesModelFirst = true,
            Details = "A model trained here is asked as it was trained, unless a prompt is given; with --endpoint, --model is a name that "
                + "the server knows. The output folder gets episodes.jsonl for each condition, written through to the disk as episodes "
                + "end, and aggregate.json; a run that ended early goes on where it was. Accuracy and EM have Wilson intervals, F1 and "
                + "differences between conditions bootstrap intervals over questions. Rows of --rescore hold 'gt', the right answer as the "
                + "data has it, and 'pred', what the agent finished with; they are written with 'info'.",
            Examples =
            [
                "rebound evaluate DIR --task gsm8k --data DIR --task-end-index 100 --output-dir results",
                "rebound evaluate --model DIR --task gsm8k --data DIR --conditions positive,negative,none --output-dir results",
                "rebound evaluate --model llama --endpoint http://localhost:8000/v1 --task gsm8k --data DIR --compare-with "
                    + "results/positive --output-dir served",
                "rebound evaluate --rescore predictions.jsonl --task gsm8k --output scored.jsonl",
            ],
            Groups =
            [
                new OptionGroup("Model", [SharedOptions.Model, SharedOptions.Adapters, .. endpoint.All]),
                new OptionGroup("Task and questions", [agent.Task, agent.Judge, .. questions.All]),
                new OptionGroup("Results", evaluation.OutputFolder, evaluation.Other, SharedOptions.Json),
                new OptionGroup(
                    "Asking",
                    [evaluation.Conditions, agent.Condition, evaluation.Guidance, SharedOptions.Reasoning, evaluation.Temperature,
                        evaluation.Seed, .. agent.Wording]),
                agent.Tools,
                agent.Turns,
                new OptionGroup("Recorded answers instead of a model", Rescore, SharedOptions.OutputRows),
                new OptionGroup(
                    "Machine", SharedOptions.Device, evaluation.Parts.Gpus, evaluation.Parts.Parallel, SharedOptions.Threads,
                    evaluation.BatchSize, SharedOptions.ComputeType,
                    SharedOptions.Int8Activations, SharedOptions.Deterministic),
            ],
            Needs =
            [
                .. AgentNeeds.Of(agent, questions)
                    .Append(new Need("where trajectories and results are kept", evaluation.OutputFolder)).Select(UnlessRescored),
            ],
        };
    }

    /// <summary>Rescoring needs none of the options of the model.</summary>
    private static Need UnlessRescored(Need need) => need with
    {
        Exception = need.Exception.Length > 0 ? need.Exception : $"unless {Rescore.Name} is given",
        IsExempt = result => result.GetResult(Rescore) is not null || need.IsExempt(result),
    };

    private static int Run(
        CommandContext context, AgentOptions agent, QuestionOptions questions, EndpointOptions endpoint, EvaluateOptions evaluation)
    {
        var hasModel = context.Get(SharedOptions.Model) is not null || context.Get(SharedOptions.Adapters) is [_, ..];
        var (rescored, output) = (context.Get(Rescore), context.Get(SharedOptions.OutputRows));
        if (hasModel && rescored is not null)
        {
            throw new InputException($"Give either {SharedOptions.Model.Name}, to be evaluated, or {Rescore.Name}, recorded answers.");
        }

        if (rescored is null)
        {
            return output is null
                ? EvaluateRun.RunAsync(context, agent, questions, endpoint, evaluation).GetAwaiter().GetResult()
                : throw new InputException(
                    $"{SharedOptions.OutputRows.Name} goes with {Rescore.Name}; episodes go to {evaluation.OutputFolder.Name}.");
        }

        RecordedPredictions.Score(context, rescored, output, agent);
        return ExitCode.Done;
    }
}
