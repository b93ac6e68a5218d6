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
        HelpName = "NAME",
        Description = $"{string.Join(", ", TrainingMethods.Names)}: successes only; all, without a condition; all, each under its "
            + "condition; or another way to use failures (default one of the first three, as the data and the prompt allow)",
    };

    public readonly Option<string?> Conditions = new("--conditions")
    {
        HelpName = "on|off",
        Description = "Tell the model the outcome of each trajectory that it learns from (default on for nat alone)",
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
        Method.AcceptOnlyFromAmong([.. TrainingMethods.Names]);
        Conditions.AcceptOnlyFromAmong("on", "off");
        Prompt.CompletionSources.Add([.. BuiltInPrompts.Names, PromptSetup.NoPrompt]);
    }

    public IEnumerable<Option> All => [Prompt, Method, Conditions, NegativeLoss, Renderer, SharedOptions.Reasoning];

    /// <summary>The data's options with those on its prompts.</summary>
    public DatasetOptions AddTo(DatasetOptions data, CommandContext context) => data with
    {
        Prompt = context.Get(Prompt),
        Method = TrainingMethods.Find(context.Get(Method)),
        Conditions = context.Get(Conditions) is { } conditions ? conditions == "on" : null,
        NegativeLoss = context.Require(NegativeLoss) switch
        {
            "until-last" => Trajectories.Selection.NegativeLoss.UntilLast,
            "until-error" => Trajectories.Selection.NegativeLoss.UntilError,
            "none" => Trajectories.Selection.NegativeLoss.None,
            _ => Trajectories.Selection.NegativeLoss.All,
        },
    };
}
