using Rebound.Files.Rows;
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
    private readonly OwnQuestions _questions = new();
    private readonly OutcomeColumns _columns = new();
    private int _told;

    private Dataset(DatasetOptions options, PromptSetup prompts, ConversationRenderer renderer, LengthLimit limit) =>
        (_options, PromptSetup, _renderer, _limit) = (options, prompts, renderer, limit);

    /// <summary>The resolved prompt and method.</summary>
    public PromptSetup PromptSetup { get; private set; }

    public IReadOnlyList<TokenizedDocument> Documents => _documents;

    /// <summary>Where the tokens of the answers that brought token ids are from.</summary>
    public AnswerSources Sources => _documents.Aggregate(default(AnswerSources), (sum, document) => sum + document.Sources);

    public IReadOnlyList<OutcomeCount> Counts => OutcomeCount.Of(_documents);

    /// <summary>Rows that nothing can be learned from though something should be; left out if the options allow it.</summary>
    public BadRows BadRows { get; } = new();

    /// <summary>Trajectories without any turn: episodes that failed before their first. They are always left out.</summary>
    public BadRows EmptyTrajectories { get; } = new();

    /// <summary>Failures of which <see cref="DatasetOptions.NegativeLoss"/> leaves nothing to learn; they are left out.</summary>
    public BadRows FailuresWithoutLoss { get; } = new();

    /// <summary>
    /// Documents that the length limit left nothing to learn of, while it left something of others
    /// of the same trajectory; they are left out.
    /// </summary>
    public int DocumentsBeyondLimit { get; private set; }

    /// <summary>Whether any trajectory has an outcome; otherwise all are learned alike.</summary>
    public bool HasOutcomes => _told > 0;

    /// <summary>Where there are no outcomes: members that look like some.</summary>
    public IReadOnlyList<string> OutcomeLikes => HasOutcomes ? [] : _columns.Found;

    /// <summary>The agent as the trajectories describe it.</summary>
    public AgentFacts Agent { get; } = new();

    /// <summary>The number of trajectories, used as they are, that begin with an answer.</summary>
    public int BeginWithAnswers => _questions.BeginWithAnswers;

    /// <summary>
    /// Reads, selects, composes, renders and limits. Holds the tokens of the selected rows and one row's text at a time.
    /// </summary>
    /// <exception cref="DataException">
    /// A file cannot be used, or a row without <see cref="DatasetOptions.SkipBadRows"/>; the message names the first rows. Or no row has
    /// the outcome that the method tells, or the question that is to be asked.
    /// </exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="ExcessLengthException">A document is too long under <see cref="ExcessLength.Error"/>.</exception>
    public static async Task<Dataset> LoadAsync(
        DatasetOptions options, ConversationRenderer renderer, LengthLimit limit, CancellationToken cancellation = default)
    {
        var dataset = new Dataset(options, options.PromptSetup ?? PromptSetup.Of(options), renderer, limit);
        var composer = await ConversationBuilder.CreateAsync(
            dataset.PromptSetup.Prompt, options.QuestionPath, options.SkipBadRows ? dataset.BadRows.Add : null, cancellation);
        var placed = new List<((int Outcome, int Place) Order, TokenizedDocument[] Documents)>();
        var read = dataset.LearnsFailures ? options : options with { NegativePath = null };
        await foreach (var row in SelectedRow.ReadAsync(read, dataset.BadRows.Add, cancellation))
        {
            if (options.Only?.Invoke(row.File, row.Trajectory) != false)
            {
                dataset.Note(row);
                placed.Add((row.Order, dataset.Render(row, composer)));
            }
        }

        dataset._documents.AddRange(placed.OrderBy(row => row.Order).SelectMany(row => row.Documents));
        if (dataset.BadRows.Count > 0 && (!options.SkipBadRows || dataset._documents.Count == 0))
        {
            throw dataset.BadRows.ToException();
        }

        dataset.CheckQuestions();
        dataset.SettleMethod();
        return dataset;
    }

    private string Files =>
        string.Join(", ", new[] { _options.PositivePath, _options.NegativePath }.OfType<string>().Concat(_options.ScoredPaths));

    /// <exception cref="DataException">Nobody asks anything in any trajectory, and nobody said that it is to be so.</exception>
    private void CheckQuestions()
    {
        if (_questions.AreMissing && PromptSetup.Prompt is null && _options is { Prompt: null, PromptSetup: null, KeepUnsupervised: false })
        {
            throw new DataException(
                Files, null, null,
                "has no questions: every trajectory begins with an answer, so a model would learn to answer without being asked.")
            {
                Fault = RowFault.WithoutQuestion,
            };
        }
    }

    /// <summary>Where no trajectory has an outcome, no condition was told, whatever the method was to be.</summary>
    /// <exception cref="DataException">The method was chosen, and cannot be had.</exception>
    private void SettleMethod()
    {
        if (HasOutcomes || _documents.Count == 0 || PromptSetup is not { Method: TrainingMethod.Nat, Prompt: { } prompt }
            || _options.PromptSetup is not null)
        {
            return;
        }

        if (_options.Method == TrainingMethod.Nat)
        {
            var likes = OutcomeLikes.Count == 0
                ? ""
                : $" What looks like outcomes there: {string.Join(", ", OutcomeLikes)}; give it the name 'label', with true or false.";
            throw new DataException(
                Files, null, null,
                $"tells no outcomes, and the method nat tells the model which outcome it sees.{likes} The method nut learns of all alike.");
        }

        PromptSetup = new PromptSetup(TrainingMethod.Nut, prompt.Unconditioned());
    }

    /// <summary>Takes note of what the whole of the data is to be asked.</summary>
    private void Note(SelectedRow row)
    {
        if (row.Outcome != Outcome.Unscored || row.Trajectory.Outcome is not { Reward: null, F1: null, Cause: null })
        {
            _told++;
        }
        else if (_told == 0)
        {
            _columns.Add(row.Trajectory);
        }

        if (PromptSetup.Prompt is null)
        {
            _questions.Add(row.Trajectory.Turns);
        }
    }

    private bool LearnsFailures =>
        PromptSetup.Method.LearnsFailures() && _options.NegativeLoss != NegativeLoss.None;

    private TokenizedDocument[] Render(SelectedRow row, ConversationBuilder composer)
    {
        try
        {
            if (Learned(row) is not { } trajectory)
            {
                return [];
            }

            var conversation = composer.Compose(trajectory, row.File);
            TokenizedDocument[] documents =
            [
                .. Supervised(row.File, trajectory, conversation, _renderer.Render(conversation))
                    .Select(document => document with
                    {
                        Outcome = row.Outcome,
                        Reward = trajectory.Outcome.Reward,
                        Weight = row.Trajectory.Weight,
                        File = row.File,
                        Row = row.Trajectory.Row,
                        Question = row.Trajectory.QuestionKey,
                    }),
            ];
            BadRows.AddGood();
            if (documents.Length > 0)
            {
                Agent.Add(trajectory);
            }

            return documents;
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
        var learned = documents.Where(document => document.SupervisedTokens > 0).ToArray();
        if (learned.Length > 0)
        {
            DocumentsBeyondLimit += documents.Length - learned.Length;
            return learned;
        }

        if (documents.Length > 0)
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
