using Rebound.Cli.Agents;
using Rebound.Cli.Options;

namespace Rebound.Cli.Collect;

/// <summary><c>rebound collect</c>: lets an agent try a task's questions, and keeps its successes and its failures.</summary>
internal static class CollectCommand
{
    public static CliCommand Create()
    {
        var (agent, questions, endpoint, collection) = (new AgentOptions(), new QuestionOptions("train"),
            new EndpointOptions(), new CollectOptions());
        return new CliCommand("collect", "Let an agent try questions, and keep its successes and failures", context =>
            CollectRun.RunAsync(context, agent, questions, endpoint, collection).GetAwaiter().GetResult())
        {
            TakesModelFirst = true,
            Details = "--model is a folder or a .gguf file, which is computed here and asked as it was trained, or with --endpoint "
                + "(OpenAI's own by default) a name that the server knows. The folder gets episodes.jsonl, written through to the disk as "
                + "episodes end, and at the end positive.json, negative.json (NATInstruct form, for 'rebound train') and statistics.json. "
                + "A run that ends early, however it ends, goes on where it was when it is started again; attempts that had no answer from "
                + "the model are made again.",
            Examples =
            [
                "rebound collect --task gsm8k --data DIR --model gpt-4o-mini --output-dir gsm8k",
                "rebound collect model.gguf --task gsm8k --data DIR --samples 4 --output-dir gsm8k",
                "rebound collect --task strategyqa --data DIR --model llama --endpoint http://localhost:8000/v1 --index wiki.db "
                    + "--output-dir strategyqa",
            ],
            Groups =
            [
                new OptionGroup("Model", [SharedOptions.Model, SharedOptions.Adapters, .. endpoint.All]),
                new OptionGroup("Task and questions", [agent.Task, agent.Judge, .. questions.All]),
                new OptionGroup("Results", collection.OutputFolder, SharedOptions.Json),
                new OptionGroup("Tries", collection.Temperatures, collection.Samples, collection.Concurrency, collection.Seed),
                new OptionGroup("Asking", [agent.Condition, SharedOptions.Reasoning, .. agent.Wording]),
                agent.Tools,
                agent.Turns,
                collection.Limits,
                new OptionGroup(
                    "Machine", SharedOptions.Device, collection.Parts.Gpus, collection.Parts.Parallel, SharedOptions.Threads,
                    SharedOptions.ComputeType,
                    SharedOptions.Int8Activations, SharedOptions.Deterministic),
            ],
            Needs = AgentNeeds.Of(agent, questions),
        };
    }
}
