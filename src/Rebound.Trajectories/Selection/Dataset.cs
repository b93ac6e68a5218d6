using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Selection;

/// <summary>
/// The documents of a training set in the order in which training reads them before it shuffles: positives, then
/// negatives.
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
        if (options.PositivePath is { } positives)
        {
            var selection = options.PositiveCount is { } count ? RowSelection.First(count) : RowSelection.All;
            await dataset.AddAsync(positives, "positive", selection, composer, cancellation);
        }

        if (options.NegativePath is { } negatives)
        {
            var selection = options.NegativeCount is { } count
                ? await SampleAsync(negatives, count, cancellation)
                : RowSelection.All;
            await dataset.AddAsync(negatives, "negative", selection, composer, cancellation);
        }

        if (dataset.BadRows.Count > 0 && (!options.SkipBadRows || dataset._documents.Count == 0))
        {
            throw dataset.BadRows.ToException();
        }

        return dataset;
    }

    private static async Task<RowSelection> SampleAsync(string path, int count, CancellationToken cancellation)
    {
        var rows = await TrajectoryFile.CountAsync(path, cancellation);
        return count <= rows
            ? RowSelection.Sample(rows, count)
            : throw new DataException(path, null, null, $"has {rows} trajectories, and {count} negatives were asked for.");
    }

    private async Task AddAsync(
        string path, string outcome, RowSelection selection, Composer composer, CancellationToken cancellation)
    {
        var placed = new List<(int Place, IReadOnlyList<TokenizedDocument> Documents)>();
        if (selection.EndRow > 0)
        {
            void Reject(DataException row)
            {
                if (row.Row is { } number && selection.PlaceOf(number - 1) is not null)
                {
                    BadRows.Add(row);
                }
            }

            await foreach (var trajectory in TrajectoryFile.ReadAsync(path, null, Reject, cancellation))
            {
                if (trajectory.Row > selection.EndRow)
                {
                    break;
                }

                if (selection.PlaceOf(trajectory.Row - 1) is { } place)
                {
                    placed.Add((place, Add(path, outcome, trajectory, composer)));
                }
            }
        }

        _documents.AddRange(placed.OrderBy(entry => entry.Place).SelectMany(entry => entry.Documents));
    }

    private TokenizedDocument[] Add(string path, string outcome, Trajectory trajectory, Composer composer)
    {
        try
        {
            var conversation = composer.Compose(trajectory, path);
            return
            [
                .. Supervised(path, trajectory, conversation, _renderer.Render(conversation))
                    .Select(document => document with { Outcome = outcome, Row = trajectory.Row }),
            ];
        }
        catch (DataException e)
        {
            BadRows.Add(e);
            return [];
        }
        catch (RenderingException e)
        {
            BadRows.Add(new DataException(path, trajectory.Row, "conversations", e.Message, e));
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
