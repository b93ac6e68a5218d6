using Rebound.Files.Messages;
using Rebound.Models.Adapters;

namespace Rebound.Training.Runs;

/// <summary>Limits of the settings of adapters that are trained.</summary>
public static class LoraLimits
{
    /// <summary>The name of the settings in what is said about them.</summary>
    public const string Name = "Lora";

    private const int LargestRank = 4096;

    /// <summary>All that is wrong with an adapter's settings; empty where it can be trained, and for none.</summary>
    public static IReadOnlyList<OptionProblem> Validate(LoraSettings? lora) => lora is null ? [] : new OptionLimits()
        .Within(nameof(lora.Rank), lora.Rank, 1, LargestRank)
        .Require(lora.Alpha > 0 && float.IsFinite(lora.Alpha), nameof(lora.Alpha), lora.Alpha, "above 0")
        .Require(lora.Dropout is >= 0 and < 1, nameof(lora.Dropout), lora.Dropout, "from 0 to below 1")
        .Problems;
}
