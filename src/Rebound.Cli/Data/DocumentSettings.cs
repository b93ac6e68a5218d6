using Rebound.Cli.Options;
using Rebound.Training.Documents;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Data;

/// <summary>Which documents are made of which trajectories for which model, checked.</summary>
internal sealed record DocumentSettings
{
    /// <summary>The folder or file whose tokenizer and chat template render.</summary>
    public required string Model { get; init; }

    public required DatasetOptions Data { get; init; }

    public required RenderingOptions Rendering { get; init; }

    /// <summary>The trajectories, rendered.</summary>
    /// <exception cref="InputException">The length is beyond the model, or rows are bad.</exception>
    /// <inheritdoc cref="RenderedData.Load" path="/exception"/>
    public RenderedData Load(TextSource text, DocumentOptions options, CancellationToken interrupted) =>
        BadRowsView.Refusing(Data, () => options.Names.Run(() => RenderedData.Load(Data, Rendering, text, cancellation: interrupted)));

    /// <summary>Every file that is read.</summary>
    public IEnumerable<string> Files =>
    [
        .. new[] { Data.PositivePath, Data.NegativePath, Data.QuestionPath, Data.PromptPath }.OfType<string>().Concat(Data.ScoredPaths)
            .SelectMany(DataFiles.Of),
    ];

    /// <summary>Reads them from the command line; what is wrong goes to <paramref name="checks"/>.</summary>
    public static DocumentSettings Read(DocumentOptions options, CommandContext context, OptionChecks checks) =>
        Read(options, ReadFiles(options, context, checks), context, checks);

    /// <summary>The same for trajectories that were named in another way.</summary>
    /// <param name="files">Where they are.</param>
    public static DocumentSettings Read(DocumentOptions options, DatasetOptions files, CommandContext context, OptionChecks checks)
    {
        var data = ReadPrompting(options, files, context, checks);
        var rendering = new RenderingOptions
        {
            Renderer = context.Require(options.PromptOptions.Renderer),
            Reasoning = ReasoningModes.Find(context.Get(SharedOptions.Reasoning)),
            MaxLength = context.Get(options.MaxLength),
            ExcessLength = context.Require(options.ExcessLength) switch
            {
                "drop" => ExcessLength.Drop,
                "error" => ExcessLength.Error,
                _ => ExcessLength.Truncate,
            },
        };
        checks.Add(rendering.Validate(), options.Names);
        return new DocumentSettings { Model = context.Require(options.Model), Data = data, Rendering = rendering };
    }

    private static DatasetOptions ReadFiles(DocumentOptions options, CommandContext context, OptionChecks checks)
    {
        var scored = context.Require(options.Scored);
        if (scored.Length > 0 && (context.Get(options.PositivePath) ?? context.Get(options.NegativePath)) is not null)
        {
            checks.Add("--data goes without --pos-path and --neg-path: its rows say themselves which they are.");
        }

        return new DatasetOptions
        {
            PositivePath = checks.ExistingData(options.PositivePath),
            NegativePath = checks.ExistingData(options.NegativePath),
            ScoredPaths = [.. scored.Select(path => checks.ExistingData(options.Scored, path))],
            Format = TrajectoryInput.Format(context.Require(options.Format)),
            PositiveCount = checks.AtLeast(options.PositiveCount, 0),
            NegativeCount = checks.AtLeast(options.NegativeCount, 0),
            SkipBadRows = context.Require(options.OnBadRow) == "skip",
        };
    }

    private static DatasetOptions ReadPrompting(DocumentOptions options, DatasetOptions files, CommandContext context, OptionChecks checks)
    {
        if (context.Get(options.PromptPath) is null != context.Get(options.Template) is null)
        {
            var missing = context.Get(options.Template) is null ? options.Template : options.PromptPath;
            checks.Add($"--prompt-path and --template go together; {missing.Name} is missing.");
        }

        if (context.Get(options.PromptPath) is not null && context.Get(options.PromptOptions.Prompt) is not null)
        {
            checks.Add("--prompt-path and --prompt exclude each other.");
        }

        var data = files with
        {
            QuestionPath = checks.ExistingFile(options.QuestionPath),
            PromptPath = checks.ExistingFile(options.PromptPath),
            Template = context.Get(options.Template),
        };
        return options.PromptOptions.AddTo(data, context);
    }
}
