using System.Text.Json.Nodes;
using Rebound.Cli.Data;
using Rebound.Models;
using Rebound.Training;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>What a run is going to do, for people and for machines, before it does it.</summary>
internal sealed class PlanView(
    TrainSettings settings,
    LlamaConfig config,
    long parameters,
    string device,
    RenderedData data,
    TrainingPlan plan,
    long peakBytes)
{
    private const double GiB = 1L << 30;

    /// <summary>Weights, gradients, and AdamW's two moments.</summary>
    private const int StateCopies = 4;

    /// <summary>Bytes that the machine, or the container, gives the process.</summary>
    private readonly long _available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <exception cref="InputException">The run needs more memory than there is.</exception>
    public void CheckMemory()
    {
        if (peakBytes > _available)
        {
            throw new InputException(
                $"Training needs {peakBytes / GiB:F1} GiB and {_available / GiB:F1} GiB are there: lower --pack-tokens (the "
                + $"largest batch has {plan.LargestBatch:N0} tokens) or --model-max-length, or start from a smaller model.");
        }
    }

    public IEnumerable<string> Lines()
    {
        yield return $"Model     {settings.Model}: {Count(parameters)} parameters, {config.Layers} layers, on {device}";
        yield return $"Data      {"outcome",-9} {"condition",-11} {"trajectories",12} {"documents",10} "
            + $"{"tokens",12} {"in the loss",12}";
        foreach (var count in data.Dataset.Counts)
        {
            yield return $"          {count.Outcome,-9} {count.Condition,-11} {count.Trajectories,12:N0} "
                + $"{count.Documents,10:N0} {count.Tokens,12:N0} {count.SupervisedTokens,12:N0} ({Share(count.SupervisedTokens, count.Tokens)})";
        }

        foreach (var line in Exceptions())
        {
            yield return $"          {line}";
        }

        var stepDocuments = Math.Min(plan.StepDocuments, data.Dataset.Documents.Count);
        var epochs = (double)plan.TotalSteps / plan.StepsPerEpoch;
        yield return $"Steps     {plan.TotalSteps:N0} of {stepDocuments:N0} documents "
            + $"({epochs:0.###} epochs of {plan.StepsPerEpoch:N0} steps): {plan.TotalTokens:N0} tokens "
            + $"in {plan.TotalBatches:N0} batches of at most {plan.LargestBatch:N0}";
        yield return $"Rate      {settings.Training.Schedule.ToString().ToLowerInvariant()}, "
            + $"peak {settings.Training.LearningRate:0.##e+00}, "
            + $"warm-up of {settings.Training.ScheduleFor(plan.TotalSteps).WarmupSteps:N0} of {plan.TotalSteps:N0} steps";
        var state = StateCopies * sizeof(float) * (double)parameters;
        yield return $"Memory    {peakBytes / GiB:F1} GiB of {_available / GiB:F1}: weights, gradients and two moments "
            + $"{state / GiB:F1}, activations {(peakBytes - state) / GiB:F1}";
    }

    public JsonObject ToJson() => new()
    {
        ["event"] = "plan",
        ["model"] = settings.Model,
        ["parameters"] = parameters,
        ["device"] = device,
        ["data"] = new JsonArray([.. data.Dataset.Counts.Select(count => new JsonObject
        {
            ["outcome"] = count.Outcome,
            ["condition"] = count.Condition,
            ["trajectories"] = count.Trajectories,
            ["documents"] = count.Documents,
            ["tokens"] = count.Tokens,
            ["supervised_tokens"] = count.SupervisedTokens,
        })]),
        ["empty_trajectories"] = data.Dataset.EmptyTrajectories.Count,
        ["bad_rows"] = data.Dataset.BadRows.Count,
        ["longest_document"] = data.Limit.Longest,
        ["over_length"] = data.Limit.Exceeding,
        ["max_length"] = data.Limit.MaxLength,
        ["steps"] = plan.TotalSteps,
        ["steps_per_epoch"] = plan.StepsPerEpoch,
        ["batches"] = plan.TotalBatches,
        ["tokens"] = plan.TotalTokens,
        ["largest_batch"] = plan.LargestBatch,
        ["warmup_steps"] = settings.Training.ScheduleFor(plan.TotalSteps).WarmupSteps,
        ["learning_rate"] = settings.Training.LearningRate,
        ["seed"] = settings.Training.Seed,
        ["memory_bytes"] = peakBytes,
    };

    /// <summary>What was not taken as it is.</summary>
    private IEnumerable<string> Exceptions()
    {
        if (data.Limit.Exceeding > 0)
        {
            var done = data.Limit.Policy == ExcessLength.Drop ? "left out" : "cut there";
            yield return $"{data.Limit.Exceeding:N0} documents are longer than {data.Limit.MaxLength:N0} tokens "
                + $"(the longest has {data.Limit.Longest:N0}) and were {done}";
        }

        (BadRows Rows, string Name)[] leftOut = [(data.Dataset.EmptyTrajectories, "trajectories without turns"), (data.Dataset.BadRows, "bad rows")];
        foreach (var (rows, name) in leftOut.Where(entry => entry.Rows.Count > 0))
        {
            yield return $"{rows.Count:N0} {name} were left out; the first: {rows.First[0].Message}";
        }
    }

    private static string Count(long number) => number switch
    {
        >= 1_000_000_000 => $"{number / 1e9:F2} B",
        >= 1_000_000 => $"{number / 1e6:F1} M",
        _ => $"{number:N0}",
    };

    private static string Share(long part, long whole) => whole == 0 ? "0%" : $"{100.0 * part / whole:F0}%";
}
