using Rebound.Cli.Agents;
using Rebound.Cli.Options;

namespace Rebound.Cli.Improve;

/// <summary><c>rebound improve</c>: an agent that learns from its own successes and failures, round after round.</summary>
internal static class ImproveCommand
{
    public static CliCommand Create()
    {
        var options = new ImproveOptions();
        return new CliCommand("improve", "Let an agent improve on its own successes and failures, round after round", context =>
            ImproveRun.RunAsync(context, options).GetAwaiter().GetResult())
        {
            TakesModelFirst = true,
            Details =
                "Each round the current model tries the questions with the task's tools, a model learns from the tries, and answers "
                    + "held-out questions; it makes the tries of the next round. By default all distinct successes so far and the newest "
                    + "failures are learned, by the method nat where the prompt has conditions, always from the model to begin with. "
                    + "Every round is a folder of its own with trajectories, model and evaluation; improve.json, rounds.csv and "
                    + "report.html show all. However it ends, the same command goes on, also with more --rounds.",
            Examples =
            [
                "rebound improve DIR --task gsm8k --data DIR --samples 4 --output-dir improved",
                "rebound improve --model DIR --task gsm8k --data DIR --method kto --from current --rounds 5 --output-dir improved",
                "rebound improve --model DIR --task gsm8k --data DIR --teacher-model gpt-4o-mini --output-dir improved",
            ],
            Groups = ImproveGroups.Of(options),
            Needs = [Questions(options, options.Questions), Questions(options, options.HeldOut)],
        };
    }

    /// <summary>A task's file says where its questions are.</summary>
    private static Need Questions(ImproveOptions options, QuestionOptions questions) => questions.Need with
    {
        IsExempt = result => result.GetValue(options.Agent.Task) is not { } task || !AgentNeeds.NeedsQuestions(task),
    };
}
