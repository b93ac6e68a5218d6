using Rebound.Cli.Options;

namespace Rebound.Cli.Train;

/// <summary>The options of <c>rebound train</c> as its help shows them: what every run needs first, the machine last.</summary>
internal static class TrainGroups
{
    public static IReadOnlyList<OptionGroup> Of(TrainOptions options)
    {
        var (data, lora, saving, evaluation, device) = (options.Documents, options.Lora, options.Saving,
            options.Evaluation, options.Device);
        return
        [
            new OptionGroup(
                "Model and data",
                data.Model, options.OutputFolder, data.PositivePath, data.NegativePath, data.Scored, data.QuestionPath,
                data.PromptOptions.Prompt, data.PromptPath,
                data.Template, options.TaskName, options.DataCache, data.MaxLength, data.ExcessLength, data.Format, data.PositiveCount,
                data.NegativeCount, data.OnBadRow),
            new OptionGroup(
                "Method",
                [
                    data.PromptOptions.Method, data.PromptOptions.Conditions, data.PromptOptions.NegativeLoss, .. options.Method.All,
                    data.PromptOptions.Renderer, SharedOptions.Reasoning,
                ]),
            new OptionGroup(
                "Schedule",
                options.Epochs, options.MaxSteps, options.BatchSize, options.AccumulationSteps, options.LearningRate,
                options.Schedule, options.WarmupRatio,
                options.WarmupSteps, options.MaxGradientNorm, options.WeightDecay, options.Beta1, options.Beta2,
                options.Epsilon, options.Seed),
            new OptionGroup("Adapter", lora.All),
            new OptionGroup("Saving", saving.Resume, saving.Interval, saving.Strategy, saving.Limit, options.Overwrite, options.SaveType),
            new OptionGroup(
                "Watching",
                options.PlanOnly, evaluation.HeldOut, evaluation.Path, evaluation.Strategy, evaluation.Interval,
                options.LoggingSteps, options.LoggingFolder,
                options.ReportTo, SharedOptions.Json),
            new OptionGroup(
                "Machine",
                SharedOptions.Device, SharedOptions.Threads, options.PackTokens, SharedOptions.ComputeType, device.MomentType,
                device.Recompute, device.Deterministic),
            new OptionGroup("Several ranks", options.Sharding.All),
        ];
    }
}
