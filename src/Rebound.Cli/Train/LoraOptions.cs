using System.CommandLine;
using Rebound.Checkpoints.Gguf;
using Rebound.Cli.Options;

namespace Rebound.Cli.Train;

/// <summary>
/// The options of <c>rebound train</c> about low-rank adapters, understood by the names that PEFT's and TRL's users type
/// too. Any of them asks for an adapter.
/// </summary>
internal sealed class LoraOptions
{
    public readonly Option<bool> Use = new("--use-lora", "--use-peft", "--lora")
    {
        Description = "Train a low-rank adapter (LoRA) beside frozen weights instead of the weights; every --lora option asks for it too",
    };

    public readonly Option<int?> Rank = new("--lora-rank", "--lora-r")
    {
        HelpName = "N",
        Description = $"Rank of the adapters (default {LoraSettingsReader.DefaultRank})",
    };

    public readonly Option<double?> Alpha = new("--lora-alpha")
    {
        HelpName = "N",
        Description = "What adapters add is multiplied by alpha / rank (default twice the rank)",
    };

    public readonly Option<double> Dropout = OptionOf.Number("--lora-dropout", "Share of the adapters' inputs that training drops", 0.0);

    public readonly Option<string[]> Targets = new("--lora-targets", "--lora-target-modules")
    {
        HelpName = "NAME",
        Description = "Linear layers that have an adapter: all, names (q_proj v_proj or q,v), or a regular expression (default all)",
        AllowMultipleArgumentsPerToken = true,
    };

    public readonly Option<bool> RankStabilized = new("--rslora", "--use-rslora")
    {
        Description = "Multiply by alpha / √rank instead (rsLoRA)",
    };

    public readonly Option<string?> QuantizeBase = new("--quantize-base")
    {
        HelpName = string.Join('|', Quantized),
        Description = "Keep the frozen weights in blocks of few bits (QLoRA); those of a quantized .gguf file stay in theirs anyway",
    };

    public readonly Option<bool> FourBits = new("--load-in-4bit", "--q-lora") { Description = "As --quantize-base Q4_K" };

    public readonly Option<bool> EightBits = new("--load-in-8bit") { Description = "As --quantize-base Q8_0" };

    public LoraOptions() => QuantizeBase.AcceptOnlyFromAmong(Quantized);

    /// <summary>The types of <see cref="QuantizeBase"/>.</summary>
    private static string[] Quantized =>
        [.. GgufFileType.All.Where(type => type.IsQuantized).Select(type => type.Name.Replace("_K_M", "_K", StringComparison.Ordinal))];

    public Option[] All => [Use, Rank, Alpha, Targets, Dropout, RankStabilized, QuantizeBase, FourBits, EightBits];
}
