using Rebound.Cli.Options;
using Rebound.Cli.Train;

namespace Rebound.Cli.Improve;

/// <summary>The options of <c>rebound improve</c> as its help shows them.</summary>
internal static class ImproveGroups
{
    private static readonly string[] OfTraining = ["Method", "Schedule", "Adapter"];

    public static IReadOnlyList<OptionGroup> Of(ImproveOptions options)
    {
        var (agent, train, data) = (options.Agent, options.Train, options.Train.Documents);
        return
        [
            new OptionGroup("Model and results", data.Model, options.OutputFolder, SharedOptions.Json),
            new OptionGroup("Task and questions", [agent.Task, agent.Judge, .. options.Questions.All]),
            new OptionGroup("Held-out questions", [.. options.HeldOut.Own, options.Temperature]),
            new OptionGroup("Rounds", options.Rounds, options.From, options.Minutes, options.Tokens),
            new OptionGroup("Tries", options.Collect.Temperatures, options.Collect.Samples, options.Concurrency),
            new OptionGroup("Teacher of the first round", [options.Teacher, .. options.Endpoint.All]),
            new OptionGroup("Asking", [agent.Condition, SharedOptions.Reasoning, .. agent.Wording]),
            agent.Tools,
            agent.Turns,
            new OptionGroup(
                "What is learned",
                options.Successes, options.Failures, options.Duplicates, data.PositiveCount, data.NegativeCount, data.MaxLength,
                data.ExcessLength),
            .. TrainGroups.Of(train).Where(group => OfTraining.Contains(group.Heading)).Select(group => Without(group, options)),
            new OptionGroup("Saving", train.Saving.Interval, train.Saving.Strategy, train.SaveType),
            new OptionGroup(
                "Machine",
                SharedOptions.Device, options.Parts.Gpus, options.Parts.Parallel, SharedOptions.Threads, train.PackTokens,
                SharedOptions.ComputeType, train.Device.MomentType, train.Device.Recompute, train.Device.Deterministic),
        ];
    }

    /// <summary>A group of training without what is among the options of asking.</summary>
    private static OptionGroup Without(OptionGroup group, ImproveOptions options) => new(
        group.Heading,
        [.. group.Options.Where(option => option != SharedOptions.Reasoning && option.Name != options.Agent.Prompt.Name)]);
}
