using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Rows;
using Rebound.Training.Documents;

namespace Rebound.Cli.Data;

/// <summary>
/// The options that decide which documents a model reads: shared by all commands that render trajectories, so that what
/// one shows is what another trains on. Those that the NAT reference has keep its names, dashed.
/// </summary>
/// <param name="modelRequired">False for commands that also do without a model.</param>
internal sealed class DocumentOptions(bool modelRequired = true)
{
    public readonly Option<string> Model = new("--model", "-m", "--model-name-or-path")
    {
        Description = "The model: a Hugging Face folder or a .gguf file",
        HelpName = "PATH",
        Required = modelRequired,
    };

    public readonly Option<string?> PositivePath = OptionOf.Text(
        "--pos-path", "FILE|DIR", "Successful trajectories (JSON or JSON lines; NATInstruct, OpenAI or ShareGPT), or a folder of them");
    public readonly Option<string?> NegativePath = OptionOf.Text(
        "--neg-path", "FILE|DIR", "Failed trajectories; leave out to train on successes only");
    public readonly Option<string[]> Scored = new("--data")
    {
        HelpName = "FILE|DIR...",
        Description = "Trajectories whose rows carry their outcome, instead of --pos-path and --neg-path",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    public readonly Option<string> Format = TrajectoryInput.FormatOption();

    public readonly Option<int?> PositiveCount = OptionOf.Number<int?>("--pos-num", "Use the first N successes (default all)");
    public readonly Option<int?> NegativeCount = OptionOf.Number<int?>(
        "--neg-num", "Use N failures, the ones that the reference's random.seed(42) picks (default all)");

    public readonly Option<string?> QuestionPath = OptionOf.Text(
        "--question-path", "FILE", "Questions by id (JSON or JSON lines)");
    public readonly Option<string?> PromptPath = OptionOf.Text(
        "--prompt-path", "FILE", "Prompt file: templates with a question prompt for each outcome");
    public readonly Option<string?> Template = OptionOf.Text(
        "--template", "NAME", "Template of the prompt file, for example zero-shot-target-aware");
    public readonly Option<string> OnBadRow = BadRowHandling.Option("Rows that nothing can be learned from");

    public readonly Option<int?> MaxLength = OptionOf.Number<int?>(
        "--model-max-length", "Tokens of the longest document (default 4096 or the model's context)");
    public readonly Option<string> ExcessLength = OptionOf.OneOf(
        "--excess-length", "Longer documents: keep the beginning, leave out, or stop", "truncate", "drop", "error");

    public readonly PromptOptions PromptOptions = new();

    /// <summary>The options' names here, by their names in the library.</summary>
    public OptionNames Names => new OptionNames()
        .Add(nameof(RenderingOptions.Renderer), PromptOptions.Renderer)
        .Add(nameof(RenderingOptions.MaxLength), MaxLength);

    /// <summary>That there is something to read.</summary>
    public Need Trajectories => new("the trajectories to read", PositivePath, NegativePath, Scored);

    public IEnumerable<Option> All =>
    [
        Model, PositivePath, NegativePath, Scored, Format, PositiveCount, NegativeCount, OnBadRow, .. Asking,
    ];

    /// <summary>Those that do not say which trajectories there are, but what is made of them.</summary>
    public IEnumerable<Option> Asking => [QuestionPath, PromptPath, Template, .. PromptOptions.All, MaxLength, ExcessLength];
}
