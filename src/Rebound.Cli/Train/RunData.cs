using Rebound.Cli.Data;
using Rebound.Text;
using Rebound.Training.Evaluation;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Train;

/// <summary>What a run trains on, and what it only measures.</summary>
/// <param name="Rendered">All trajectories that were asked for, with the renderer.</param>
/// <param name="HeldOut">Documents whose loss is shown; empty for none.</param>
/// <param name="HeldOutQuestions">Questions that were taken out of training.</param>
internal sealed record RunData(
    RenderedData Rendered, IReadOnlyList<TokenizedDocument> Training, IReadOnlyList<TokenizedDocument> HeldOut, int HeldOutQuestions)
{
    /// <exception cref="InputException">Nothing is left to train on, or a file cannot be used.</exception>
    /// <exception cref="ArgumentException">All questions would be held out.</exception>
    public static RunData Load(TrainSettings settings, TextSource text, CancellationToken interrupted)
    {
        var rendered = RenderedData.Load(settings.Documents, text, interrupted);
        var documents = rendered.Dataset.Documents;
        var split = settings.Evaluation.HeldOut is { } amount
            ? HeldOutSplit.Of(documents, amount, settings.Training.Seed)
            : new HeldOutSplit(documents, [], 0);
        if (split.Training.Count == 0)
        {
            throw new InputException("There are no documents to train on: every trajectory was left out.");
        }

        var measured = settings.Evaluation.Path is { } path ? Measured(settings, rendered.Dataset.Prompting, path, text, interrupted) : [];
        return new RunData(rendered, split.Training, [.. split.HeldOut, .. measured], split.HeldOutQuestions);
    }

    /// <summary>What is in the loss of the documents that are trained on.</summary>
    public MaskCertificate Certificate(Tokenizer tokenizer) => MaskCertificate.Of(
        Training,
        Rendered.Renderer,
        tokenizer,
        MaskLeftOut.Of(Rendered.Limit, Rendered.Dataset));

    /// <summary>The trajectories of <c>--eval-path</c>, rendered as those that are trained on.</summary>
    private static IReadOnlyList<TokenizedDocument> Measured(
        TrainSettings settings, Prompting prompting, string path, TextSource text, CancellationToken interrupted)
    {
        var data = settings.Documents.Data with
        {
            PositivePath = null,
            NegativePath = null,
            PositiveCount = null,
            NegativeCount = null,
            ScoredPaths = [path],
            Prompting = prompting,
        };
        var documents = RenderedData.Load(settings.Documents with { Data = data }, text, interrupted).Dataset.Documents;
        return documents.Count > 0
            ? documents
            : throw new InputException($"--eval-path {path} holds no trajectory to measure.");
    }
}
