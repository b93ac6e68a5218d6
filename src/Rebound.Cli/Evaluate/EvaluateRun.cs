using Rebound.Agents.Episodes;
using Rebound.Agents.Evaluation;
using Rebound.Agents.Runs;
using Rebound.Cli.Agents;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;

namespace Rebound.Cli.Evaluate;

/// <summary>A run of <c>rebound evaluate</c>: opens model and tools, has the library evaluate, and shows what comes of it.</summary>
internal sealed class EvaluateRun(
    CommandContext context, AgentOptions agent, AgentSetup setup, EvaluationRun run, EvaluationOptions options)
{
    public static async Task<int> RunAsync(
        CommandContext context, AgentOptions agent, QuestionOptions questions, EndpointOptions endpoint, EvaluateOptions options)
    {
        var checks = new OptionChecks(context);
        var evaluation = options.Read(context, checks, context.Require(agent.Condition));
        var shares = options.Parts.Read(context, checks);
        checks.ThrowIfAny();
        using var opened = AgentModels.Open(context, endpoint, EndpointOptions.PatientAttempts, options.Parts, shares);
        if (evaluation.Guidance is not null && !opened.Model.IsLocal)
        {
            throw new InputException(
                $"{options.Guidance.Name} needs a checkpoint that is computed here; a server does not give the logits of two conditions.");
        }

        string? first = null;
        return await opened.EachAsync(evaluation.OutputFolder, async (model, folder) =>
        {
            var setup = AgentSetupReader.Read(agent, questions, context, checks, model);
            await using var tools = await AgentTools.OpenAsync(agent, context, setup.Task, model.Card);
            var own = evaluation with
            {
                OutputFolder = folder,
                CompareWith = evaluation.CompareWith ?? first,
                Seed = model.IsLocal || context.IsGiven(options.Seed) ? context.Require(options.Seed) : null,
            };
            using var run = options.Names.Run(() => EvaluationRun.Open(model, setup, tools.Tools, own));
            if (opened.AreSeveral && !context.Get(SharedOptions.Json))
            {
                context.Terminal.Output.WriteLine(model.Name);
            }

            // Under one condition the other adapters are compared with the first, question by question.
            first ??= evaluation.Conditions.Count == 1 ? Path.GetDirectoryName(run.Episodes[0].EpisodesPath) : null;
            return await new EvaluateRun(context, agent, setup, run, own).RunAsync();
        });
    }

    private async Task<int> RunAsync()
    {
        EvaluationResult result;
        try
        {
            using var observer = new EpisodesObserver(context.Terminal, condition => $"Evaluating ({condition})", "questions");
            result = await run.RunAsync(observer, context.Interrupted);
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            context.Terminal.Error($"Interrupted; what ended is kept. The same command goes on in {options.OutputFolder}.");
            return ExitCode.Interrupted;
        }

        if (result.Unfinished is { } unfinished)
        {
            context.Terminal.Error(unfinished.Left > 0
                ? $"Stopped with {unfinished.Left} questions left: {unfinished.Stopped}"
                : $"No question had an answer from the model: {unfinished.Unanswered} The same command asks them again.");
            return ExitCode.Failed;
        }

        Show(result.Report!);
        return ExitCode.Done;
    }

    private void Show(EvaluationReport report)
    {
        EvaluationView.Show(context, report);
        var scores = report.Scores.Take(options.Conditions.Count).ToArray();
        TellUnanswered(scores);
        AgentSetupReader.TellCauses(agent, setup, context, scores.SelectMany(score => score.Causes.Keys));
        var paths = string.Join(", ", run.Episodes.Select(episodes => episodes.EpisodesPath));
        context.Terminal.Note($"The results: {run.ReportPath}; the trajectories: {paths}");
        var withFailures = scores.Where(score => score.Causes.Count > 0).Select(score => score.Condition).ToHashSet();
        var failed = run.Episodes.FirstOrDefault(episodes => withFailures.Contains(episodes.Condition)).EpisodesPath;
        context.Terminal.Next(
            "Look at a failure", failed is null ? null : $"rebound data show {ShellText.Quoted(failed)} --outcome negative");
    }

    /// <summary>Says that questions count as wrong for what was not the model's fault.</summary>
    private void TellUnanswered(IEnumerable<ConditionScores> scores)
    {
        if (scores.Sum(score => score.Causes.GetValueOrDefault(FailureCause.ModelError.Name())) is > 0 and var unanswered)
        {
            context.Terminal.Note(
                $"{CountText.Of(unanswered, "attempt")} had no answer from the model and {(unanswered == 1 ? "counts" : "count")} as "
                    + "wrong; the same command asks again.");
        }
    }
}
