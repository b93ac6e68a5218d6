using Rebound.Cli.Data;
using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Training;
using Rebound.Training.Runs;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>Shows a run's plan before it starts.</summary>
internal sealed class PlanView(TrainSettings settings, RunPlan plan)
{
    private const double GiB = 1L << 30;

    /// <summary>Everything but the time, which is known when the weights are read.</summary>
    public IEnumerable<string> Lines() =>
    [
        .. settings.Notes, $"Model     {settings.Model}: {Parameters()}, {plan.Config.Layers} layers, on {plan.Device}",
        .. plan.Adapter is null ? [] : new[] { $"Adapter   {plan.Adapter.Describe()}" },
        .. Data(), Mask(), Steps(), .. Ranks(), Rate(), Memory(), Disk(),
        .. plan.BaselineTokens == 0
            ? []
            : new[] { $"Baseline  {plan.BaselineTokens:N0} tokens are read once with the starting model, before the first step" },
        .. plan.LossMask.Preview.Select(preview => $"Preview   {PreviewView.Line(preview.Spans)}"),
        .. plan.Resumption is not { } resumption
            ? []
            : new[] { $"Resume    from {resumption.Folder}: {resumption.State.Step:N0} of {plan.Steps.TotalSteps:N0} steps are done" },
    ];

    /// <summary>How long it takes, by a measured batch and update.</summary>
    public static string Time(StepTiming timing, TimeSpan expected) =>
        $"Time      about {DurationText.Of(expected)}: {1 / timing.SecondsPerToken:N0} tokens/s and "
        + $"{timing.SecondsPerUpdate:G2} s an update, measured with the largest batch";

    private string Parameters() => plan.Memory.TrainableParameters == plan.Memory.Parameters
        ? $"{Count(plan.Memory.Parameters)} parameters, all trained"
        : $"{Count(plan.Memory.Parameters)} parameters, {Count(plan.Memory.TrainableParameters)} of them trained "
            + $"({100.0 * plan.Memory.TrainableParameters / plan.Memory.Parameters:0.##}%)";

    private IEnumerable<string> Data()
    {
        yield return DataSummary.Heading;
        foreach (var count in OutcomeCount.Of(plan.Data.Training))
        {
            yield return DataSummary.Row(count);
        }

        if (plan.Data.HeldOut.Count > 0)
        {
            var questions = plan.Data.HeldOutQuestions > 0 ? $" ({plan.Data.HeldOutQuestions:N0} questions)" : "";
            yield return $"Held out{questions}";
            foreach (var count in OutcomeCount.Of(plan.Data.HeldOut))
            {
                yield return DataSummary.Row(count);
            }
        }

        yield return DataSummary.Method(plan.Data.Rendered);
        var (learning, rendered) = (plan.Data.Learning, plan.Data.Rendered);
        foreach (var line in DataSummary.Learning(learning).Concat(DataSummary.TokenIds(rendered)).Concat(DataSummary.Exceptions(rendered)))
        {
            yield return line;
        }
    }

    private string Mask()
    {
        var (answers, stopped, cut) = plan.LossMask.Outcomes.Aggregate(
            (Answers: 0, Stopped: 0, Cut: 0),
            (sum, count) => (sum.Answers + count.Answers, sum.Stopped + count.Stopped, sum.Cut + count.Cut));
        var cutThere = cut > 0 ? $", {cut:N0} are cut" : "";
        var verdict = plan.LossMask.Holds ? "" : $"; {answers - stopped - cut:N0} END OTHERWISE, SO THE MODEL LEARNS TO GO ON THERE";
        return $"Mask      {stopped:N0} of {answers:N0} answers teach to end with {plan.LossMask.StopToken}{cutThere}{verdict}";
    }

    private string Steps()
    {
        var epochs = (double)plan.Steps.TotalSteps / plan.Steps.StepsPerEpoch;
        return $"Steps     {CountText.Of(plan.Steps.TotalSteps, "step")} of {CountText.Of(plan.Steps.StepDocuments, Read())} each, "
            + $"{epochs:0.###} {(plan.Steps.TotalSteps == plan.Steps.StepsPerEpoch ? "epoch" : "epochs")} of "
            + $"{CountText.Of(plan.Steps.StepsPerEpoch, "step")}: {plan.Steps.TotalTokens:N0} tokens in "
            + $"{CountText.Of(plan.Steps.TotalBatches, "batch", "batches")} of at most {plan.Steps.LargestBatch:N0}";
    }

    private IEnumerable<string> Ranks()
    {
        var (ranks, stage) = (plan.Training.Ranks, plan.Training.ZeroStage);
        if (ranks > 1)
        {
            var divided = stage switch { 1 => "moments", 2 => "moments and gradients", _ => "moments, gradients and weights" };
            yield return $"Ranks     {ranks:N0}, of which each reads about {(plan.Steps.StepDocuments + ranks - 1) / ranks:N0} of a step's "
                + $"{Read()}s; {divided} are divided (ZeRO {stage})";
        }
        else if (stage > 1)
        {
            yield return $"Ranks     1, which divides nothing (ZeRO {stage})";
        }
    }

    private string Read() => plan.Data.Learning.Method == TrainingMethod.Dpo ? "pair" : "document";

    private string Rate() =>
        $"Rate      {plan.Training.Schedule.ToString().ToLowerInvariant()}, peak {plan.Training.LearningRate:0.##e+00}, "
        + $"warm-up of {plan.Training.ScheduleFor(plan.Steps.TotalSteps).WarmupSteps:N0} of {plan.Steps.TotalSteps:N0} steps";

    private string Memory() =>
        $"Memory    {plan.Memory.Peak / GiB:F2} GiB of {plan.Memory.Available / GiB:F1}: weights {plan.Memory.Weights / GiB:F2}, gradients "
        + $"and two moments {plan.Memory.OptimizerState / GiB:F2}, activations {plan.Memory.Activations / GiB:F2}, all else "
        + $"{plan.Memory.Process / GiB:F2}"
        + (plan.Memory.Snapshot > 0 ? $", a copy to save from {plan.Memory.Snapshot / GiB:F2}" : "")
        + (plan.Memory.WaitsForSaves ? "; training waits for its checkpoints, of which a copy has no room" : "")
        + (plan.Memory.Offloaded > 0
            ? $"; of the host's {plan.Memory.HostAvailable / GiB:F1} GiB {plan.Memory.Offloaded / GiB:F2} for the optimizer's state"
            : "");

    private string Disk()
    {
        var checkpoints = plan.Disk.Checkpoints == 0
            ? "no checkpoints"
            : $"{CountText.Of(plan.Disk.Checkpoints, "checkpoint")} of {Size(plan.Disk.CheckpointBytes)} kept";
        var warning = plan.Disk.Needed > plan.Disk.Free ? "; THAT IS NOT ENOUGH: lower --save-total-limit or free some" : "";
        return $"Disk      {checkpoints}, the model {Size(plan.Disk.ModelBytes)}; {plan.Disk.Free / GiB:F1} GiB are free{warning}";
    }

    private static string Size(long bytes) => bytes < GiB / 10 ? $"{bytes / (GiB / 1024):0.0} MiB" : $"{bytes / GiB:F2} GiB";

    private static string Count(long number) => number switch
    {
        >= 1_000_000_000 => $"{number / 1e9:F2} B",
        >= 1_000_000 => $"{number / 1e6:F1} M",
        _ => $"{number:N0}",
    };
}
