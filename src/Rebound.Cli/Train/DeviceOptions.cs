using System.CommandLine;
using Rebound.Cli.Models;

namespace Rebound.Cli.Train;

/// <summary>The options of <c>rebound train</c> about how a device computes, by the names that transformers and Megatron have.</summary>
internal sealed class DeviceOptions
{
    public readonly Option<string?> MomentType = ComputeTypes.Option(
        "--moments-dtype",
        "Element type of AdamW's moments (default float32); bfloat16, rounded stochastically, halves the optimizer's memory on a GPU",
        "--exp-avg-dtype");

    public readonly Option<bool> Deterministic = new("--full-determinism", "--deterministic")
    {
        Description = "Choose a GPU's algorithms by rule instead of by speed, so that every run gives the same bits",
    };

    public readonly Option<bool> Recompute = new("--gradient-checkpointing")
    {
        Description = "Keep the input of every block alone and compute its activations again in the backward: a quarter more work, a "
            + "fraction of their memory",
    };
}
