using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Cli.Agents;

namespace Rebound.Cli.Commands;

/// <summary><c>rebound collect</c>: lets an agent try a task's questions, and keeps its successes and its failures.</summary>
internal static class CollectCommand
{
    public static CliCommand Create()
    {
        var (agent, questions, endpoint, collection) = (new AgentOptions(), new QuestionOptions("train"), new EndpointOptions(), new CollectOptions());
        return new CliCommand("collect", "Let an agent try questions, and keep its successes and failures", context =>
            RunAsync(context, agent, questions, endpoint, collection).GetAwaiter().GetResult())
        {
            Details = "The folder gets episodes.jsonl, written through to the disk as episodes end, and at the end positive.json, negative.json "
                + "(NATInstruct form, for 'rebound train') and statistics.json. A run that ends early, however it ends, goes on where it was "
                + "when it is started again; attempts that had no answer from the model are made again.",
            Examples =
            [
                "rebound collect --task gsm8k --data DIR --model gpt-4o-mini --output-dir gsm8k",
                "rebound collect --task strategyqa --data DIR --model llama --endpoint http://localhost:8000/v1 --index wiki.db --output-dir strategyqa",
            ],
            MoreOptions =
            [
                SharedOptions.Model, SharedOptions.Adapter, .. endpoint.All, .. agent.All, .. questions.All, .. collection.All,
                SharedOptions.Device, SharedOptions.ComputeType, SharedOptions.Threads, SharedOptions.Json,
            ],
        };
    }

    private static async Task<int> RunAsync(
        CommandContext context, AgentOptions agent, QuestionOptions questions, EndpointOptions endpoint, CollectOptions collection)
    {
        var checks = new OptionChecks(context);
        var (samples, concurrency) = (checks.AtLeast(collection.Samples, 1), checks.AtLeast(collection.Concurrency, 1));
        var (temperatures, budget) = (collection.ReadTemperatures(context, checks), collection.ReadBudget(context, checks));
        var setup = AgentSetup.Read(agent, questions, context, checks, card: null);
        await using var tools = await AgentTools.OpenAsync(agent, context, setup.Task);
        using var opened = AgentModel.Open(context, endpoint);
        var model = opened.Start(concurrency);

        var description = setup.Describe();
        description["model"] = opened.Name;
        description["tools"] = string.Join(", ", tools.Tools.ActionNames);
        var path = context.Require(collection.OutputFolder);
        var attempts = Attempt.Plan(setup.Questions, temperatures, samples);
        var collector = new Collector(CollectionFolder.Open(path, description), budget, concurrency, TimeProvider.System);
        var view = new CollectionView(context, budget, attempts.Count);
        var result = await view.ShowAsync(report => collector.RunAsync(
            attempts,
            (attempt, cancellation) => new EpisodeRunner(
                model, tools.Tools, setup.Task.Scorer, setup.Episodes with { Temperature = attempt.Temperature }, TimeProvider.System)
                .RunAsync(attempt.Question, setup.Ask(attempt.Question), cancellation),
            (_, totals) => report(totals),
            context.Interrupted));
        return Finish(context, view, result, path);
    }

    private static int Finish(CommandContext context, CollectionView view, CollectionResult result, string path)
    {
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(result.Totals.ToJson());
        }
        else
        {
            context.Terminal.Write(view.Summary(result.Totals));
        }

        if (result.Left > 0)
        {
            var message = $"Stopped with {result.Left} attempts left: {result.Stopped}. The same command goes on in {path}.";
            if (result.OutOfModel)
            {
                context.Terminal.Error(message);
                return ExitCode.Failed;
            }

            context.Terminal.Note(message);
        }

        return ExitCode.Done;
    }
}
