using Rebound.Cli.Data;
using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Training;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>What a run is going to do, for people, before it does it.</summary>
internal sealed class PlanView(
    TrainSettings settings,
    LlamaConfig config,
    LoraLayout? adapter,
    string device,
    RunData data,
    MaskCertificate certificate,
    TrainingPlan plan,
    MemoryPlan memory,
    DiskPlan disk,
    Resumption? resumption)
{
    private const double GiB = 1L << 30;

    /// <exception cref="InputException">The run needs more memory than there is.</exception>
    public void CheckMemory()
    {
        if (memory.Peak > memory.Available)
        {
            throw new InputException(
                $"Training needs {memory.Peak / GiB:F1} GiB and {memory.Available / GiB:F1} GiB are there: lower --pack-tokens (the "
                + $"largest batch has {plan.LargestBatch:N0} tokens) or --model-max-length, or start from a smaller model.");
        }
    }

    /// <summary>Everything but the time, which is known when the weights are read.</summary>
    public IEnumerable<string> Lines() =>
    [
        .. settings.Notes, $"Model     {settings.Model}: {Parameters()}, {config.Layers} layers, on {device}",
        .. adapter is null ? [] : new[] { $"Adapter   {AdapterView.Describe(adapter)}" },
        .. Data(), Mask(), Steps(), Rate(), Memory(), Disk(),
        .. certificate.Preview.Select(preview => $"Preview   {PreviewView.Line(preview.Spans)}"),
        .. resumption is null ? [] : new[] { $"Resume    from {resumption.Folder}: {resumption.State.Step:N0} of {plan.TotalSteps:N0} steps are done" },
    ];

    /// <summary>How long it takes, by a measured batch and update.</summary>
    public static string Time(StepTiming timing, TimeSpan expected) =>
        $"Time      about {DurationText.Of(expected)}: {1 / timing.SecondsPerToken:N0} tokens/s and "
        + $"{timing.SecondsPerUpdate:G2} s an update, measured with the largest batch";

    private string Parameters() => memory.TrainableParameters == memory.Parameters
        ? $"{Count(memory.Parameters)} parameters, all trained"
        : $"{Count(memory.Parameters)} parameters, {Count(memory.TrainableParameters)} of them trained "
            + $"({100.0 * memory.TrainableParameters / memory.Parameters:0.##}%)";

    private IEnumerable<string> Data()
    {
        yield return DataSummary.Heading;
        foreach (var count in OutcomeCount.Of(data.Training))
        {
            yield return DataSummary.Row(count);
        }

        if (data.HeldOut.Count > 0)
        {
            var questions = data.HeldOutQuestions > 0 ? $" ({data.HeldOutQuestions:N0} questions)" : "";
            yield return $"Held out{questions}";
            foreach (var count in OutcomeCount.Of(data.HeldOut))
            {
                yield return DataSummary.Row(count);
            }
        }

        yield return DataSummary.Method(data.Rendered);
        foreach (var line in DataSummary.Exceptions(data.Rendered))
        {
            yield return line;
        }
    }

    private string Mask()
    {
        var (answers, stopped, cut) = certificate.Outcomes.Aggregate(
            (Answers: 0, Stopped: 0, Cut: 0), (sum, count) => (sum.Answers + count.Answers, sum.Stopped + count.Stopped, sum.Cut + count.Cut));
        var cutThere = cut > 0 ? $", {cut:N0} are cut" : "";
        var verdict = certificate.Holds ? "" : $"; {answers - stopped - cut:N0} END OTHERWISE, SO THE MODEL LEARNS TO GO ON THERE";
        return $"Mask      {stopped:N0} of {answers:N0} answers teach to end with {certificate.StopToken}{cutThere}{verdict}";
    }

    private string Steps()
    {
        var epochs = (double)plan.TotalSteps / plan.StepsPerEpoch;
        return $"Steps     {CountText.Of(plan.TotalSteps, "step")} of {CountText.Of(plan.StepDocuments, "document")} each, "
            + $"{epochs:0.###} {(plan.TotalSteps == plan.StepsPerEpoch ? "epoch" : "epochs")} of {CountText.Of(plan.StepsPerEpoch, "step")}: "
            + $"{plan.TotalTokens:N0} tokens in {CountText.Of(plan.TotalBatches, "batch", "batches")} of at most {plan.LargestBatch:N0}";
    }

    private string Rate() =>
        $"Rate      {settings.Training.Schedule.ToString().ToLowerInvariant()}, peak {settings.Training.LearningRate:0.##e+00}, "
        + $"warm-up of {settings.Training.ScheduleFor(plan.TotalSteps).WarmupSteps:N0} of {plan.TotalSteps:N0} steps";

    private string Memory() =>
        $"Memory    {memory.Peak / GiB:F2} GiB of {memory.Available / GiB:F1}: weights {memory.Weights / GiB:F2}, gradients and two moments "
        + $"{memory.OptimizerState / GiB:F2}, activations {memory.Activations / GiB:F2}, all else {memory.Process / GiB:F2}";

    private string Disk()
    {
        var checkpoints = disk.Checkpoints == 0
            ? "no checkpoints"
            : $"{CountText.Of(disk.Checkpoints, "checkpoint")} of {Size(disk.CheckpointBytes)} kept";
        var warning = disk.Needed > disk.Free ? "; THAT IS NOT ENOUGH: lower --save-total-limit or free some" : "";
        return $"Disk      {checkpoints}, the model {Size(disk.ModelBytes)}; {disk.Free / GiB:F1} GiB are free{warning}";
    }

    private static string Size(long bytes) => bytes < GiB / 10 ? $"{bytes / (GiB / 1024):0.0} MiB" : $"{bytes / GiB:F2} GiB";

    private static string Count(long number) => number switch
    {
        >= 1_000_000_000 => $"{number / 1e9:F2} B",
        >= 1_000_000 => $"{number / 1e6:F1} M",
        _ => $"{number:N0}",
    };
}
