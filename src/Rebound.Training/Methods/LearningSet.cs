using Rebound.Files.Messages;
using Rebound.Training.Documents;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Methods;

/// <summary>The documents of a run as its method reads them: what each one counts, and which belong together.</summary>
public sealed class LearningSet
{
    internal LearningSet(
        TrainingMethod method, MethodOptions options, IReadOnlyList<LearningDocument> documents, IReadOnlyList<LearningUnit> units,
        IReadOnlyList<LeftOut> leftOut)
    {
        (Method, Options, Documents, Units, LeftOut) = (method, options, documents, units, leftOut);
        IsPlain = method is TrainingMethod.Vanilla or TrainingMethod.Nut or TrainingMethod.Nat
            && documents.All(document => document.Weight == 1);
    }

    public TrainingMethod Method { get; }

    public MethodOptions Options { get; }

    public IReadOnlyList<LearningDocument> Documents { get; }

    /// <summary>Documents that belong together, in the data's order.</summary>
    public IReadOnlyList<LearningUnit> Units { get; }

    /// <summary>Trajectories that the method has no use for, by reason.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; }

    /// <summary>Whether all supervised tokens count alike, and nothing but they.</summary>
    public bool IsPlain { get; }

    /// <summary>Whether the method compares with the log-probabilities that the starting model or the collection gave.</summary>
    public BaselineKind Baseline => Method switch
    {
        TrainingMethod.Dpo or TrainingMethod.Kto or TrainingMethod.ApoZero => BaselineKind.Reference,
        TrainingMethod.Nft or TrainingMethod.Grpo => BaselineKind.Sampling,
        _ => BaselineKind.None,
    };

    /// <summary>Tokens of a unit that a loss depends on.</summary>
    /// <exception cref="ArgumentException">A document has no supervised token.</exception>
    public int LengthOf(LearningUnit unit) => unit.Documents.Sum(document => DocumentBatch.LengthOf(Documents[document].Document));

    /// <summary>The documents of a data set as a method reads them.</summary>
    /// <param name="seed">Of what is drawn: the answers that <c>kto</c> puts after other prompts.</param>
    /// <exception cref="OptionsException">The method can learn from none of them; the message says what it needs.</exception>
    public static LearningSet Of(
        IReadOnlyList<TokenizedDocument> documents, TrainingMethod method, MethodOptions options, long seed) =>
        LearningSetBuilder.Build(documents, method, options, seed);

    /// <summary>A batch of the documents of units, one after the other.</summary>
    public StepBatch Batch(IReadOnlyList<LearningUnit> units) => new(
        DocumentBatch.Of([.. units.SelectMany(unit => unit.Documents).Select(index => Documents[index].Document)]), units);

    /// <summary>Documents that all count alike.</summary>
    public static LearningSet Plain(IReadOnlyList<TokenizedDocument> documents) =>
        new(
            TrainingMethod.Nut, new MethodOptions(),
            new ListView<LearningDocument>(documents.Count, index => new LearningDocument(documents[index])),
            LearningUnit.Apart(documents.Count), []);
}

/// <summary>The log-probabilities that a method compares with.</summary>
public enum BaselineKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>Those of the model that training starts from.</summary>
    Reference,

    /// <summary>Those with which the tokens were drawn; where they were not kept, those of the model that training starts from.</summary>
    Sampling,
}
