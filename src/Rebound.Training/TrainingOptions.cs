using Rebound.Files.Messages;
using Rebound.Models.Parameters;
using Rebound.Training.Methods;

namespace Rebound.Training;

/// <summary>The recipe of a run. Defaults are those of the NAT reference's trainer, save where a line says otherwise.</summary>
public sealed record TrainingOptions
{
    private const double MostEpochs = 1e6;

    /// <summary>Passes over the documents; a part of one is allowed.</summary>
    public double Epochs { get; init; } = 3;

    /// <summary>The number of optimizer steps, over the epochs'; null for the epochs'.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>
    /// Documents of a rank's batch, or pairs of the method dpo; times <see cref="AccumulationSteps"/> and <see cref="Ranks"/> it is those
    /// of an optimizer step.
    /// </summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Batches of an optimizer step.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>Ranks that train together, each on a share of every step's documents.</summary>
    public int Ranks { get; init; } = 1;

    /// <summary>
    /// How much ranks divide (ZeRO): 1, AdamW's moments; 2, gradients, too, which are summed in every pass; 3, weights, too, which are
    /// gathered for every block of a pass. The result is the same within rounding.
    /// </summary>
    public int ZeroStage { get; init; } = 1;

    /// <summary>
    /// Whether AdamW's moments, and the lower halves of weights that are trained in two, lie in host memory, and the host updates the
    /// weights. The result is the same within rounding, and the same bits on a CPU.
    /// </summary>
    public bool OffloadsOptimizer { get; init; }

    /// <summary>
    /// Tokens that go through the model at once: a step's documents are packed into batches of at most this many. It
    /// changes memory and speed, never the result beyond rounding. A longer document goes alone.
    /// </summary>
    public int PackTokens { get; init; } = 2048;

    /// <summary>Whether activations are computed again in the backward (<see cref="Models.LlamaModel.RecomputesBlocks"/>).</summary>
    public bool RecomputeBlocks { get; init; }

    public double LearningRate { get; init; } = 5e-5;

    public ScheduleKind Schedule { get; init; } = ScheduleKind.Linear;

    /// <summary>Share of the steps that warm up, rounded up to steps.</summary>
    public double WarmupRatio { get; init; }

    /// <summary>Steps that warm up; null for <see cref="WarmupRatio"/>.</summary>
    public int? WarmupSteps { get; init; }

    /// <summary>Seed of the order of documents.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>The numbers of the method.</summary>
    public MethodOptions Method { get; init; } = new();

    public AdamWOptions Optimizer { get; init; } = new() { MaxGradientNorm = 1 };

    /// <summary>Documents of an optimizer step, where there are as many.</summary>
    public long StepDocuments => (long)BatchSize * AccumulationSteps * Ranks;

    /// <summary>The share of gradients that a rank keeps between passes.</summary>
    public ParameterStorage GradientStorage => Ranks > 1 && ZeroStage >= 2 ? ParameterStorage.OwnPart : ParameterStorage.Whole;

    /// <summary>The share of the weights that a rank keeps between blocks; frozen ones, beside an adapter, are whole.</summary>
    public ParameterStorage WeightStorage => Ranks > 1 && ZeroStage >= 3 ? ParameterStorage.OwnPart : ParameterStorage.Whole;

    /// <summary>The schedule of a run of this many steps. A run of one step has no warm-up, which would leave it a rate of 0.</summary>
    public LearningRateSchedule ScheduleFor(int totalSteps) => new(
        Schedule, LearningRate, totalSteps == 1 ? 0 : WarmupSteps ?? (int)Math.Ceiling(totalSteps * WarmupRatio), totalSteps);

    /// <summary>All that is wrong with the options; empty where they can be trained with.</summary>
    public IReadOnlyList<OptionProblem> Validate() => new OptionLimits()
        .AtLeast(nameof(MaxSteps), MaxSteps, 1)
        .Require(Epochs is > 0 and <= MostEpochs, nameof(Epochs), Epochs, $"above 0 and at most {MostEpochs:N0}")
        .AtLeast(nameof(BatchSize), BatchSize, 1)
        .AtLeast(nameof(AccumulationSteps), AccumulationSteps, 1)
        .AtLeast(nameof(Ranks), Ranks, 1)
        .Within(nameof(ZeroStage), ZeroStage, 1, 3)
        .AtLeast(nameof(PackTokens), PackTokens, 1)
        .AtLeast(nameof(LearningRate), LearningRate, 0)
        .Within(nameof(WarmupRatio), WarmupRatio, 0, 1)
        .AtLeast(nameof(WarmupSteps), WarmupSteps, 0)
        .Add(nameof(Method), Method.Validate())
        .Add(nameof(Optimizer), Optimizer.Validate())
        .Problems;
}
