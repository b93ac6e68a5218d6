using System.CommandLine;
using Rebound.Checkpoints;
using Rebound.Cli.Options;
using Rebound.Cli.Ranks;
using Rebound.Training;

namespace Rebound.Cli.Train;

/// <summary>The options of <c>rebound train</c> about what several ranks divide, and the ranks themselves.</summary>
internal sealed class ShardingOptions
{
    private const int DefaultStage = 1;

    public readonly Option<int?> Zero = new("--zero")
    {
        HelpName = "1|2|3",
        Description = "How much ranks divide: 1, AdamW's moments; 2, gradients, too; 3, weights, too (default 1)",
    };

    public readonly Option<string?> DeepSpeed = OptionOf.Text(
        "--deepspeed", "FILE", "A DeepSpeed configuration; of it the ZeRO stage and offload_optimizer are followed");

    public readonly Option<bool> Offload = new("--offload-optimizer")
    {
        Description = "Keep AdamW's moments, and the lower halves of weights, in host memory, where the CPU updates the weights",
    };

    public readonly RankOptions Ranks = new();

    public Option[] All => [Zero, Offload, DeepSpeed, .. Ranks.Everything];

    /// <summary>The ZeRO stage that is asked for.</summary>
    public int ReadStage(CommandContext context, OptionChecks checks)
    {
        var (typed, file) = (context.Get(Zero), Find(context, checks)?.Stage);
        if (typed is { } stage && file is not null && stage != file)
        {
            checks.Add($"{context.Label(Zero)} is {stage}, and {context.Label(DeepSpeed)} asks for {file}: leave one of them out.");
        }

        return typed ?? file ?? DefaultStage;
    }

    /// <summary>Whether the optimizer's state is to be in host memory.</summary>
    public bool ReadOffload(CommandContext context) =>
        context.IsGiven(Offload) ? context.Get(Offload) : Find(context, checks: null)?.OffloadsOptimizer ?? false;

    /// <summary>One line for each thing that is asked for and not done.</summary>
    public IEnumerable<string> Notes(CommandContext context)
    {
        if (Find(context, checks: null) is not { } file)
        {
            yield break;
        }

        if (file.OffloadsParameters)
        {
            yield return $"{DeepSpeed.Name}: {DeepSpeedFile.ParametersKey}: weights stay on the device.";
        }

        if (file.Ignored.Count > 0)
        {
            yield return $"{DeepSpeed.Name}: ignored are {string.Join(", ", file.Ignored)}; options say the rest.";
        }
    }

    private DeepSpeedFile? Find(CommandContext context, OptionChecks? checks)
    {
        if (context.Get(DeepSpeed) is not { } path)
        {
            return null;
        }

        try
        {
            return DeepSpeedFile.Read(path);
        }
        catch (Exception e) when (e is InputException or CheckpointException)
        {
            checks?.Add($"{context.Label(DeepSpeed)}: {e.Message}");
            return null;
        }
    }
}
