using Rebound.Files.Messages;
using Rebound.Models;
using Rebound.Models.Adapters;
using Rebound.Training.Methods;
using Rebound.Trajectories.Rendering;

namespace Rebound.Training.Runs;

/// <summary>The plan of a run, before its weights are read.</summary>
/// <param name="Device">For people, for example <c>cpu (2 threads, AVX2)</c>.</param>
/// <param name="Adapter">The adapter to train; null where the weights are trained.</param>
/// <param name="LossMask">The tokens in the loss, counted from the documents' labels.</param>
/// <param name="Training">The recipe, with the tokens that go through the model at once.</param>
/// <param name="Resumption">The checkpoint that the run goes on from; null for the first step.</param>
public sealed record RunPlan(
    LlamaConfig Config,
    string Device,
    LoraLayout? Adapter,
    RunData Data,
    LossMaskReport LossMask,
    TrainingOptions Training,
    TrainingPlan Steps,
    MemoryPlan Memory,
    DiskPlan Disk,
    Resumption? Resumption)
{
    private const double GiB = 1L << 30;

    /// <summary>The first step that is going to be run.</summary>
    public int FirstStep => (Resumption?.State.Step ?? 0) + 1;

    /// <summary>Tokens that the starting model reads before the first step, for a method that compares with it.</summary>
    public long BaselineTokens { get; } =
        Data.Learning.Baseline == BaselineKind.None ? 0 : Baseline.TokensToRead(Data.Learning, Steps.ReadDocuments());

    /// <exception cref="OptionsException">The run needs more memory than there is.</exception>
    public void CheckMemory()
    {
        if (Memory.Peak > Memory.Available)
        {
            var pack = new OptionName(nameof(RunOptions.PackTokens));
            var length = new OptionName(nameof(Documents.RenderingOptions.MaxLength));
            var (needed, there) = ($"{Memory.Peak / GiB:F1} GiB", $"{Memory.Available / GiB:F1} GiB");
            var largest = $"the largest batch has {Steps.LargestBatch:N0} tokens";
            throw new OptionsException(
                pack.Name,
                $"Training needs {needed} and {there} are there: lower {pack} ({largest}) or {length}, or start from a smaller model.");
        }

        if (Memory.Offloaded > Memory.HostAvailable)
        {
            var offload = new OptionName(nameof(TrainingOptions.OffloadsOptimizer));
            var (needed, there) = ($"{Memory.Offloaded / GiB:F1} GiB", $"{Memory.HostAvailable / GiB:F1} GiB");
            throw new OptionsException(
                offload.Name,
                $"{offload} needs {needed} of the host's memory and {there} are there: take moments of bfloat16, or ranks of more hosts.");
        }
    }
}
