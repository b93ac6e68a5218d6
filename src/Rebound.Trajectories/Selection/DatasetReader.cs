using Rebound.Files.Rows;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Selection;

/// <summary>
/// Reads, selects, composes, renders and limits. Rows are read one after the other and rendered on all cores; what comes of them is the
/// same, in the same order, as of one row at a time.
/// </summary>
internal sealed class DatasetReader
{
    private readonly DatasetOptions _options;
    private readonly PromptSetup _prompts;
    private readonly ConversationRenderer _renderer;
    private readonly LengthLimit _limit;
    private readonly IDocumentSink _documents;
    private readonly ConversationBuilder _composer;
    private readonly DatasetFindings _findings;
    private readonly OwnQuestions _questions = new();
    private readonly OutcomeColumns _columns = new();

    private DatasetReader(
        DatasetOptions options, PromptSetup prompts, ConversationRenderer renderer, LengthLimit limit, IDocumentSink documents,
        ConversationBuilder composer, DatasetFindings findings)
    {
        (_options, _prompts, _renderer, _limit) = (options, prompts, renderer, limit);
        (_documents, _composer, _findings) = (documents, composer, findings);
    }

    private bool LearnsFailures => _prompts.Method.LearnsFailures() && _options.NegativeLoss != NegativeLoss.None;

    /// <inheritdoc cref="Dataset.LoadAsync" path="/exception"/>
    public static async Task<DatasetFindings> ReadAsync(
        DatasetOptions options, PromptSetup prompts, ConversationRenderer renderer, LengthLimit limit, IDocumentSink documents,
        CancellationToken cancellation)
    {
        var findings = new DatasetFindings();
        var composer = await ConversationBuilder.CreateAsync(
            prompts.Prompt, options.QuestionPath, options.SkipBadRows ? findings.BadRows.Add : null, cancellation);
        var reader = new DatasetReader(options, prompts, renderer, limit, documents, composer, findings);
        await reader.ReadRowsAsync(cancellation);
        reader.Check();
        return findings;
    }

    private async Task ReadRowsAsync(CancellationToken cancellation)
    {
        var work = new OrderedWork();
        var read = LearnsFailures ? _options : _options with { NegativePath = null };
        try
        {
            await foreach (var row in SelectedRow.ReadAsync(read, Reject, cancellation))
            {
                if (_options.Only?.Invoke(row.File, row.Trajectory) != false)
                {
                    Note(row);
                    await work.AddAsync(() => Render(row));
                }
            }
        }
        catch (DataException)
        {
            // What is wrong with rows before it is told first.
            await work.CompleteAsync();
            throw;
        }

        await work.CompleteAsync();

        void Reject(DataException row) => work.Add(() => _findings.BadRows.Add(row));
    }

    /// <exception cref="DataException">Rows are bad and may not be, or nobody asks anything in any trajectory.</exception>
    private void Check()
    {
        if (_findings.BadRows.Count > 0 && (!_options.SkipBadRows || _documents.Count == 0))
        {
            throw _findings.BadRows.ToException();
        }

        if (_questions.AreMissing && _prompts.Prompt is null && _options is { Prompt: null, PromptSetup: null, KeepUnsupervised: false })
        {
            throw new DataException(
                _options.Files, null, null,
                "has no questions: every trajectory begins with an answer, so a model would learn to answer without being asked.")
            {
                Fault = RowFault.WithoutQuestion,
            };
        }

        _findings.OutcomeLikes = _findings.HasOutcomes ? [] : _columns.Found;
        _findings.BeginWithAnswers = _questions.BeginWithAnswers;
    }

    /// <summary>Takes note of what the whole of the data is to be asked.</summary>
    private void Note(SelectedRow row)
    {
        if (row.Outcome != Outcome.Unscored || row.Trajectory.Outcome is not { Reward: null, F1: null, Cause: null })
        {
            _findings.HasOutcomes = true;
        }
        else if (!_findings.HasOutcomes)
        {
            _columns.Add(row.Trajectory);
        }

        if (_prompts.Prompt is null)
        {
            _questions.Add(row.Trajectory.Turns);
        }
    }

    /// <summary>Renders a row, on any thread.</summary>
    /// <returns>Takes what came of it.</returns>
    private Action Render(SelectedRow row)
    {
        try
        {
            if (row.Outcome == Outcome.Negative && !LearnsFailures)
            {
                return () => { };
            }

            if (LearnedTrajectory.Of(row, _options.NegativeLoss) is not { } trajectory)
            {
                return () => _findings.FailuresWithoutLoss.Add(new DataException(
                    row.File, row.Trajectory.Row, "conversations", $"id {row.Trajectory.Id} has no answer before the one that failed."));
            }

            var conversation = _composer.Compose(trajectory, row.File);
            var rendered = _renderer.Render(conversation);
            return () => Take(row, trajectory, conversation, rendered);
        }
        catch (DataException e)
        {
            return () => _findings.BadRows.Add(e);
        }
        catch (RenderingException e)
        {
            return () => _findings.BadRows.Add(new DataException(row.File, row.Trajectory.Row, "conversations", e.Message, e));
        }
    }

    private void Take(SelectedRow row, Trajectory trajectory, Conversation conversation, IReadOnlyList<TokenizedDocument> rendered)
    {
        try
        {
            var documents = Supervised(row.File, trajectory, conversation, rendered);
            _findings.BadRows.AddGood();
            if (documents.Length > 0)
            {
                _findings.Agent.Add(trajectory);
            }

            foreach (var document in documents)
            {
                _documents.Add(row.Order, document with
                {
                    Outcome = row.Outcome,
                    Reward = trajectory.Outcome.Reward,
                    Weight = row.Trajectory.Weight,
                    File = row.File,
                    Row = row.Trajectory.Row,
                    Question = row.Trajectory.QuestionKey,
                });
            }
        }
        catch (DataException e)
        {
            _findings.BadRows.Add(e);
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
            _findings.EmptyTrajectories.Add(new DataException(path, trajectory.Row, "conversations", $"id {trajectory.Id} has no turns."));
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
            _findings.DocumentsBeyondLimit += documents.Length - learned.Length;
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
