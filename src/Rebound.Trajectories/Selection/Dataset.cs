using Rebound.Files.Rows;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Storage;

namespace Rebound.Trajectories.Selection;

/// <summary>
/// The documents of a training set in the order in which training reads them before it shuffles: positives, then
/// negatives, then what was not scored.
/// </summary>
public sealed class Dataset
{
    private readonly DatasetFindings _findings;

    private Dataset(DatasetOptions options, PromptSetup prompts, IReadOnlyList<TokenizedDocument> documents, DatasetFindings findings)
    {
        (Documents, _findings) = (documents, findings);
        PromptSetup = SettledMethod(options, prompts);
    }

    /// <summary>The resolved prompt and method.</summary>
    public PromptSetup PromptSetup { get; }

    public IReadOnlyList<TokenizedDocument> Documents { get; }

    /// <summary>Bytes of the file that the documents lie in; 0 where they are in memory.</summary>
    public long MappedBytes { get; private init; }

    /// <summary>Where the tokens of the answers that brought token ids are from.</summary>
    public AnswerSources Sources => Documents.Aggregate(default(AnswerSources), (sum, document) => sum + document.Sources);

    public IReadOnlyList<OutcomeCount> Counts => OutcomeCount.Of(Documents);

    /// <summary>Rows that nothing can be learned from though something should be; left out if the options allow it.</summary>
    public BadRows BadRows => _findings.BadRows;

    /// <summary>Trajectories without any turn: episodes that failed before their first. They are always left out.</summary>
    public BadRows EmptyTrajectories => _findings.EmptyTrajectories;

    /// <summary>Failures of which <see cref="DatasetOptions.NegativeLoss"/> leaves nothing to learn; they are left out.</summary>
    public BadRows FailuresWithoutLoss => _findings.FailuresWithoutLoss;

    /// <summary>
    /// Documents that the length limit left nothing to learn of, while it left something of others
    /// of the same trajectory; they are left out.
    /// </summary>
    public int DocumentsBeyondLimit => _findings.DocumentsBeyondLimit;

    /// <summary>Whether any trajectory has an outcome; otherwise all are learned alike.</summary>
    public bool HasOutcomes => _findings.HasOutcomes;

    /// <summary>Where there are no outcomes: members that look like some.</summary>
    public IReadOnlyList<string> OutcomeLikes => _findings.OutcomeLikes;

    /// <summary>The agent as the trajectories describe it.</summary>
    public AgentFacts Agent => _findings.Agent;

    /// <summary>The number of trajectories, used as they are, that begin with an answer.</summary>
    public int BeginWithAnswers => _findings.BeginWithAnswers;

    /// <summary>
    /// Reads, selects, composes, renders and limits. Holds the tokens of the selected rows, and the text of those that are rendered at
    /// once.
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
        var (prompts, documents) = (options.PromptSetup ?? PromptSetup.Of(options), new DocumentList());
        var findings = await DatasetReader.ReadAsync(options, prompts, renderer, limit, documents, cancellation);
        return new Dataset(options, prompts, documents.Ordered(), findings);
    }

    /// <summary>The same, into a file, from which <see cref="Open"/> takes it. Tokens are never in memory all at once.</summary>
    /// <param name="file">Written from its place on.</param>
    /// <inheritdoc cref="LoadAsync" path="/exception"/>
    public static async Task WriteAsync(
        Stream file, DatasetOptions options, ConversationRenderer renderer, LengthLimit limit, CancellationToken cancellation = default)
    {
        var (prompts, documents) = (options.PromptSetup ?? PromptSetup.Of(options), new StoredDataWriter(file));
        documents.Complete(await DatasetReader.ReadAsync(options, prompts, renderer, limit, documents, cancellation), limit);
    }

    /// <summary>Maps what <see cref="WriteAsync"/> wrote.</summary>
    /// <param name="options">With which it was written.</param>
    /// <param name="limit">Takes the counts of what was limited then.</param>
    /// <exception cref="DamagedFileException">The file is not whole.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="DataException">The method cannot be had.</exception>
    public static Dataset Open(string path, DatasetOptions options, LengthLimit limit)
    {
        var stored = StoredData.Open(path);
        limit.Restore(stored.Findings.Exceeding, stored.Findings.Longest);
        return new Dataset(options, options.PromptSetup ?? PromptSetup.Of(options), stored.Documents, stored.Findings.ToFindings())
        {
            MappedBytes = stored.Bytes,
        };
    }

    /// <summary>Where no trajectory has an outcome, no condition was told, whatever the method was to be.</summary>
    /// <exception cref="DataException">The method was chosen, and cannot be had.</exception>
    private PromptSetup SettledMethod(DatasetOptions options, PromptSetup prompts)
    {
        if (HasOutcomes || Documents.Count == 0 || prompts is not { Method: TrainingMethod.Nat, Prompt: { } prompt }
            || options.PromptSetup is not null)
        {
            return prompts;
        }

        if (options.Method == TrainingMethod.Nat)
        {
            var likes = OutcomeLikes.Count == 0
                ? ""
                : $" What looks like outcomes there: {string.Join(", ", OutcomeLikes)}; give it the name 'label', with true or false.";
            throw new DataException(
                options.Files, null, null,
                $"tells no outcomes, and the method nat tells the model which outcome it sees.{likes} The method nut learns of all alike.");
        }

        return new PromptSetup(TrainingMethod.Nut, prompt.Unconditioned());
    }
}
