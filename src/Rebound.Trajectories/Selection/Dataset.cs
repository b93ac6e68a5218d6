using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Selection;

/// <summary>
/// The documents of a training set in the order in which training reads them before it shuffles: positives, then
/// negatives, then what was not scored.
/// </summary>
public sealed class Dataset
{
    private readonly List<TokenizedDocument> _documents = [];
    private readonly DatasetOptions _options;
    private readonly ConversationRenderer _renderer;
    private readonly LengthLimit _limit;

    private Dataset(DatasetOptions options, Prompting prompting, ConversationRenderer renderer, LengthLimit limit) =>
        (_options, Prompting, _renderer, _limit) = (options, prompting, renderer, limit);

    /// <summary>How the questions were asked.</summary>
    public Prompting Prompting { get; }

    public IReadOnlyList<TokenizedDocument> Documents => _documents;

    public IReadOnlyList<OutcomeCount> Counts => OutcomeCount.Of(_documents);

    /// <summary>Rows that nothing can be learned from though something should be; left out if the options allow it.</summary>
    public BadRows BadRows { get; } = new();

    /// <summary>Trajectories without any turn: episodes that failed before their first. They are always left out.</summary>
    public BadRows EmptyTrajectories { get; } = new();

    /// <summary>Failures of which <see cref="DatasetOptions.NegativeLoss"/> leaves nothing to learn; they are left out.</summary>
    public BadRows FailuresWithoutLoss { get; } = new();

    /// <summary>
    /// Reads, selects, composes, renders and limits. Holds the tokens of the selected rows and one row's text at a time.
    /// </summary>
    /// <exception cref="DataException">
    /// A file cannot be used, or a row without <see cref="DatasetOptions.SkipBadRows"/>; the message names the first rows.
    /// </exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="ExcessLengthException">A document is too long under <see cref="ExcessLength.Error"/>.</exception>
    public static async Task<Dataset> LoadAsync(
        DatasetOptions options, ConversationRenderer renderer, LengthLimit limit, CancellationToken cancellation = default)
    {
        var dataset = new Dataset(options, options.Prompting ?? Prompting.Of(options), renderer, limit);
        var composer = await Composer.CreateAsync(dataset.Prompting.Prompt, options.QuestionPath, cancellation);
        var placed = new List<((int Outcome, int Place) Order, TokenizedDocument[] Documents)>();
        var read = dataset.LearnsFailures ? options : options with { NegativePath = null };
        await foreach (var row in SelectedRow.ReadAsync(read, dataset.BadRows.Add, cancellation))
        {
            if (options.Only?.Invoke(row.File, row.Trajectory) != false)
            {
                placed.Add((row.Order, dataset.Render(row, composer)));
            }
        }

        dataset._documents.AddRange(placed.OrderBy(row => row.Order).SelectMany(row => row.Documents));
        if (dataset.BadRows.Count > 0 && (!options.SkipBadRows || dataset._documents.Count == 0))
        {
            throw dataset.BadRows.ToException();
        }

        return dataset;
    }

    private bool LearnsFailures =>
        Prompting.Method != TrainingMethod.Vanilla && _options.NegativeLoss != NegativeLoss.None;

    private TokenizedDocument[] Render(SelectedRow row, Composer composer)
    {
        try
        {
            if (Learned(row) is not { } trajectory)
            {
                return [];
            }

            var conversation = composer.Compose(trajectory, row.File);
            return
            [
                .. Supervised(row.File, trajectory, conversation, _renderer.Render(conversation))
                    .Select(document => document with
                    {
                        Outcome = row.Outcome, File = row.File, Row = row.Trajectory.Row, Question = row.Trajectory.QuestionKey,
                    }),
            ];
        }
        catch (DataException e)
        {
            BadRows.Add(e);
            return [];
        }
        catch (RenderingException e)
        {
            BadRows.Add(new DataException(row.File, row.Trajectory.Row, "conversations", e.Message, e));
            return [];
        }
    }

    /// <summary>
    /// The trajectory with the outcome that its file gives it, if it has none of its own, and without the failed steps that
    /// are not to be learned; null if nothing of it is.
    /// </summary>
    private Trajectory? Learned(SelectedRow row)
    {
        var trajectory = row.Trajectory;
        if (trajectory.Outcome.Reward is null && row.Outcome != Outcome.Unscored)
        {
            trajectory = trajectory with { Outcome = trajectory.Outcome with { Reward = row.Outcome == Outcome.Positive ? 1 : 0 } };
        }

        if (row.Outcome != Outcome.Negative)
        {
            return trajectory;
        }

        if (!LearnsFailures)
        {
            return null;
        }

        var turns = FailedSteps.TakeOut(trajectory.Turns, _options.NegativeLoss);
        if (trajectory.Turns.Any(turn => turn.Loss) && !turns.Any(turn => turn.Loss))
        {
            FailuresWithoutLoss.Add(new DataException(
                row.File, trajectory.Row, "conversations", $"id {trajectory.Id} has no answer before the one that failed."));
            return null;
        }

        return trajectory with { Turns = turns };
    }

    /// <summary>
    /// The documents that the length limit leaves. Every one must hold something to learn, or a mask is wrong; a
    /// trajectory without turns has none and is left out, unless the renderer makes something of it.
    /// </summary>
    private TokenizedDocument[] Supervised(
        string path, Trajectory trajectory, Conversation conversation, IReadOnlyList<TokenizedDocument> rendered)
    {
        if (trajectory.Turns.Count == 0 && rendered.All(document => document.SupervisedTokens == 0))
        {
            EmptyTrajectories.Add(new DataException(path, trajectory.Row, "conversations", $"id {trajectory.Id} has no turns."));
            return [];
        }

        if (trajectory.Turns.Count > 0 && !conversation.Turns.Any(turn => turn.Loss))
        {
            RejectUnsupervised(path, trajectory, "has no turn in the loss");
        }

        var documents = rendered.Select(_limit.Apply).OfType<TokenizedDocument>().ToArray();
        if (documents.Any(document => document.SupervisedTokens == 0))
        {
            RejectUnsupervised(
                path, trajectory, $"has its first token in the loss beyond the maximum length of {_limit.MaxLength}");
        }

        return documents;
    }

    private void RejectUnsupervised(string path, Trajectory trajectory, string why)
    {
        if (!_options.KeepUnsupervised)
        {
            throw new DataException(
                path, trajectory.Row, "conversations", $"id {trajectory.Id} {why}, so nothing can be learned from it.");
        }
    }
}
