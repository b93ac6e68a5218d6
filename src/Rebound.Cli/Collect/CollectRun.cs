using Rebound.Agents.Collection;
using Rebound.Agents.Runs;
using Rebound.Cli.Agents;
using Rebound.Cli.Options;
using Rebound.Cli.Terminal;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;

namespace Rebound.Cli.Collect;

/// <summary>A run of <c>rebound collect</c>: opens model and tools, has the library collect, and shows what comes of it.</summary>
internal sealed class CollectRun(
    CommandContext context, AgentOptions agent, AgentModel model, AgentSetup setup, CollectionRun run, CollectionOptions options)
{
    public static async Task<int> RunAsync(
        CommandContext context, AgentOptions agent, QuestionOptions questions, EndpointOptions endpoint, CollectOptions options)
    {
        var checks = new OptionChecks(context);
        var collection = options.Read(context, checks);
        var shares = options.Parts.Read(context, checks);
        checks.ThrowIfAny();
        using var opened = AgentModels.Open(context, endpoint, EndpointOptions.PatientAttempts, options.Parts, shares);
        return await opened.EachAsync(collection.OutputFolder, async (model, folder) =>
        {
            var setup = AgentSetupReader.Read(agent, questions, context, checks, model);
            await using var tools = await AgentTools.OpenAsync(agent, context, setup.Task, model.Card);
            var own = collection with
            {
                OutputFolder = folder,
                Seed = model.IsLocal || context.IsGiven(options.Seed) ? context.Require(options.Seed) : null,
            };
            using var run = CollectionRun.Open(model, setup, tools.Tools, own);
            return await new CollectRun(context, agent, model, setup, run, own).RunAsync();
        });
    }

    private async Task<int> RunAsync()
    {
        try
        {
            using var observer = new EpisodesObserver(context.Terminal, _ => "Collecting", "episodes");
            return Finish(await run.RunAsync(observer, context.Interrupted));
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            context.Terminal.Error($"Interrupted; what ended is kept. The same command goes on in {options.OutputFolder}.");
            return ExitCode.Interrupted;
        }
    }

    private int Finish(CollectionResult result)
    {
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(result.Totals.ToJson());
        }
        else
        {
            context.Terminal.Write(CollectionView.Summary(result.Totals, run.Attempts.Count, options.Budget));
        }

        if (result.Left > 0)
        {
            var end = result.Stopped is [.., '.' or '?'] ? "" : ".";
            var message = $"Stopped with {result.Left} attempts left: {result.Stopped}{end} The same command goes on in "
                + $"{options.OutputFolder}.";
            if (result.OutOfModel)
            {
                context.Terminal.Error(message);
                return ExitCode.Failed;
            }

            context.Terminal.Note(message);
        }

        if (result.Unanswered is { } unanswered)
        {
            context.Terminal.Error($"No attempt had an answer from the model: {unanswered} The same command makes them again.");
            return ExitCode.Failed;
        }

        AgentSetupReader.TellCauses(agent, setup, context, result.Totals.Causes.Select(cause => cause.Key));
        TellNext(result.Totals);
        return ExitCode.Done;
    }

    /// <summary>Where the trajectories are, and how a model that is here learns from them.</summary>
    private void TellNext(CollectionTotals totals)
    {
        var folder = run.Folder;
        var (positive, negative) = (ShellText.Quoted(folder.PositivePath), ShellText.Quoted(folder.NegativePath));
        var terminal = context.Terminal;
        terminal.Note($"The trajectories: {folder.PositivePath} and {folder.NegativePath}");
        terminal.Next("Count them", $"rebound data stats {positive} {negative}");
        var learns = model.IsLocal && context.Get(SharedOptions.Adapters) is not [_, ..] && totals.Successes > 0
            && (run.HasOwnPrompt || BuiltInPrompts.Names.Contains(setup.Prompt.Name));
        terminal.Next("Learn from them", !learns ? null : string.Join(' ',
            "rebound train --model", ShellText.Quoted(context.Get(SharedOptions.Model)!), "--task-name",
            ShellText.Quoted(setup.Task.Name), "--pos-path", positive,
            "--neg-path", negative, "--question-path", ShellText.Quoted(setup.QuestionPath!), "--prompt",
            run.HasOwnPrompt ? ShellText.Quoted(folder.PromptPath) : setup.Prompt.Name,
            "--output-dir", ShellText.Quoted(Path.Combine(options.OutputFolder, "model"))));
    }
}
