using System.CommandLine;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Data;

/// <summary>The options that decide how a trajectory is put to the model: what it is told, and in which form.</summary>
internal sealed class PromptOptions
{
    public readonly Option<string> Renderer = OptionOf.OneOf(
        "--renderer",
        "Form of conversations: the model's own chat template, or the NAT reference's for Llama 2, token for token",
        [.. Renderers.Names]);

    public IEnumerable<Option> All => [Renderer];
}
