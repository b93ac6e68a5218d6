using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Data;

/// <summary>The options that decide how a trajectory is put to the model: what it is told, in which form, what is learned.</summary>
internal sealed class PromptOptions
{
    public readonly Option<string?> Prompt = OptionOf.Text(
        "--prompt",
        "NAME|FILE",
        $"How questions are asked, with conditions: {string.Join(", ", BuiltInPrompts.Names)}, {PromptSetup.NoPrompt}, or a "
            + "YAML or JSON file");

    public readonly Option<string?> Method = new("--method")
    {
        HelpName = "vanilla|nut|nat",
        Description = "Successes only; all, without a condition; or all, each under its condition (default what the data and the "
            + "prompt allow)",
    };

    public readonly Option<string> NegativeLoss = OptionOf.OneOf(
        "--negative-loss", "What to learn of failures: all, up to the last step, up to the first error, nothing", "all",
        "until-last", "until-error", "none");

    public readonly Option<string> Renderer = OptionOf.OneOf(
        "--renderer",
        "Form of conversations: the model's own chat template, or the NAT reference's for Llama 2, token for token",
        [.. Renderers.Names]);

    public PromptOptions()
    {
        Method.AcceptOnlyFromAmong("vanilla", "nut", "nat");
        Prompt.CompletionSources.Add([.. BuiltInPrompts.Names, PromptSetup.NoPrompt]);
    }

    public IEnumerable<Option> All => [Prompt, Method, NegativeLoss, Renderer, SharedOptions.Reasoning];

    /// <summary>The data's options with those on its prompts.</summary>
    public DatasetOptions AddTo(DatasetOptions data, CommandContext context) => data with
    {
        Prompt = context.Get(Prompt),
        Method = context.Get(Method) switch
        {
            "vanilla" => TrainingMethod.Vanilla,
            "nut" => TrainingMethod.Nut,
            "nat" => TrainingMethod.Nat,
            _ => null,
        },
        NegativeLoss = context.Require(NegativeLoss) switch
        {
            "until-last" => Trajectories.Selection.NegativeLoss.UntilLast,
            "until-error" => Trajectories.Selection.NegativeLoss.UntilError,
            "none" => Trajectories.Selection.NegativeLoss.None,
            _ => Trajectories.Selection.NegativeLoss.All,
        },
    };
}
