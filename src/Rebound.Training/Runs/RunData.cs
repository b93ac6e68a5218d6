using Rebound.Files.Messages;
using Rebound.Text;
using Rebound.Training.Documents;
using Rebound.Training.Evaluation;
using Rebound.Training.Methods;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Runs;

/// <summary>The documents that a run trains on, and those held out.</summary>
/// <param name="Rendered">All trajectories that were asked for, with the renderer.</param>
/// <param name="Learning">What is trained on, as the method reads it.</param>
/// <param name="HeldOut">Documents whose loss is measured; empty for none.</param>
/// <param name="HeldOutQuestions">Questions that were taken out of training.</param>
public sealed record RunData(
    RenderedData Rendered, LearningSet Learning, IReadOnlyList<TokenizedDocument> HeldOut, int HeldOutQuestions)
{
    /// <summary>The documents that are trained on.</summary>
    public IReadOnlyList<TokenizedDocument> Training { get; } =
        new ListView<TokenizedDocument>(Learning.Documents.Count, index => Learning.Documents[index].Document);

    /// <param name="note">Told of what the cache of rendered data did.</param>
    /// <exception cref="OptionsException">Nothing is left to train on or to measure, or the method can learn from none of it.</exception>
    /// <exception cref="ArgumentException">All questions would be held out.</exception>
    /// <inheritdoc cref="RenderedData.Load" path="/exception"/>
    public static RunData Load(
        RunOptions options, TextSource text, Action<string>? note = null, CancellationToken cancellation = default)
    {
        var cache = DataCache.Of(options.DataCache, options.OutputFolder, note ?? (_ => { }));
        var rendered = RenderedData.Load(options.Data, options.Rendering, text, cache, cancellation);
        var documents = rendered.Dataset.Documents;
        var split = options.HeldOut.Amount is { } amount
            ? HeldOutSplit.Of(documents, amount, options.Training.Seed)
            : new HeldOutSplit(documents, [], 0);
        if (split.Training.Count == 0)
        {
            throw new OptionsException(nameof(options.Data), $"There are no documents to train on: every trajectory was left out.");
        }

        var measured = options.HeldOut.Path is { } path
            ? Measured(options, rendered.Dataset.PromptSetup, path, text, cache, cancellation)
            : [];
        var learning = LearningSet.Of(
            split.Training, rendered.Dataset.PromptSetup.Method, options.Training.Method, options.Training.Seed);
        return new RunData(rendered, learning, [.. split.HeldOut, .. measured], split.HeldOutQuestions);
    }

    /// <summary>Counts of the tokens in the loss of the documents that are trained on.</summary>
    public LossMaskReport LossMask(Tokenizer tokenizer) => LossMaskReport.Of(
        Training,
        Rendered.Renderer,
        tokenizer,
        MaskLeftOut.Of(Rendered.Limit, Rendered.Dataset));

    /// <summary>The trajectories of <see cref="HeldOutOptions.Path"/>, rendered as those that are trained on.</summary>
    private static IReadOnlyList<TokenizedDocument> Measured(
        RunOptions options, PromptSetup prompts, string path, TextSource text, DataCache? cache,
        CancellationToken cancellation)
    {
        const string name = $"{nameof(RunOptions.HeldOut)}.{nameof(HeldOutOptions.Path)}";
        var data = options.Data with
        {
            PositivePath = null,
            NegativePath = null,
            PositiveCount = null,
            NegativeCount = null,
            ScoredPaths = [path],
            PromptSetup = prompts,
        };
        var documents = RenderedData.Load(data, options.Rendering, text, cache, cancellation).Dataset.Documents;
        return documents.Count > 0
            ? documents
            : throw new OptionsException(name, $"{new OptionName(name)} {path} holds no trajectory to measure.");
    }
}
