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

    private Dataset(DatasetOptions options, ConversationRenderer renderer, LengthLimit limit) =>
        (_options, _renderer, _limit) = (options, renderer, limit);

    public IReadOnlyList<TokenizedDocument> Documents => _documents;

    public IReadOnlyList<OutcomeCount> Counts => OutcomeCount.Of(_documents);

    /// <summary>Rows that nothing can be learned from though something should be; left out if the options allow it.</summary>
    public BadRows BadRows { get; } = new();

    /// <summary>Trajectories without any turn: episodes that failed before their first. They are always left out.</summary>
    public BadRows EmptyTrajectories { get; } = new();

    /// <summary>
    /// Reads, selects, composes, renders and limits. Holds the tokens of the selected rows and one row's text at a time.
    /// </summary>
    /// <exception cref="DataException">
    /// A file cannot be used, or a row without <see cref="DatasetOptions.SkipBadRows"/>; the message names the first rows.
    /// </exception>
    /// <exception cref="ExcessLengthException">A document is too long under <see cref="ExcessLength.Error"/>.</exception>
    public static async Task<Dataset> LoadAsync(
        DatasetOptions options, ConversationRenderer renderer, LengthLimit limit, CancellationToken cancellation = default)
    {
        var dataset = new Dataset(options, renderer, limit);
        var composer = await Composer.CreateAsync(options, cancellation);
        var placed = new List<((int Outcome, int Place) Order, TokenizedDocument[] Documents)>();
        await foreach (var row in SelectedRow.ReadAsync(options, dataset.BadRows.Add, cancellation))
        {
            placed.Add((row.Order, dataset.Render(row, composer)));
        }

        dataset._documents.AddRange(placed.OrderBy(row => row.Order).SelectMany(row => row.Documents));
        if (dataset.BadRows.Count > 0 && (!options.SkipBadRows || dataset._documents.Count == 0))
        {
            throw dataset.BadRows.ToException();
        }

        return dataset;
    }

    private TokenizedDocument[] Render(SelectedRow row, Composer composer)
    {
        try
        {
            var conversation = composer.Compose(row.Trajectory, row.File);
            return
            [
                .. Supervised(row.File, row.Trajectory, conversation, _renderer.Render(conversation))
                    .Select(document => document with { Outcome = row.Outcome, File = row.File, Row = row.Trajectory.Row }),
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
