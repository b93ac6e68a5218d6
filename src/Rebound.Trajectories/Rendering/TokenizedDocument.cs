namespace Rebound.Trajectories.Rendering;

/// <summary>A document: where it is from, and its tokens with those in the loss.</summary>
/// <param name="Id">The trajectory's id.</param>
/// <param name="Condition">The condition under which the question is asked.</param>
/// <param name="Content">Its tokens, wherever they lie.</param>
public sealed record TokenizedDocument(string Id, string Condition, DocumentContent Content)
{
    /// <summary>A document of tokens and labels.</summary>
    /// <inheritdoc cref="DocumentContent.Of" path="/param"/>
    /// <inheritdoc cref="DocumentContent.Of" path="/exception"/>
    public TokenizedDocument(string id, string condition, int[] tokens, int[] labels)
        : this(id, condition, DocumentContent.Of(tokens, labels))
    {
    }

    /// <summary>The label of a token outside of the loss, as in Hugging Face's layout.</summary>
    public const int IgnoreLabel = -100;

    /// <summary>
    /// How the trajectory ended, <c>positive</c>, <c>negative</c> or <c>unscored</c>: its file's outcome or its own; empty
    /// if that is not known.
    /// </summary>
    public string Outcome { get; init; } = "";

    /// <summary>The reward of its trajectory; null if that was not scored.</summary>
    public double? Reward { get; init; }

    /// <summary>How much its trajectory counts in training, beside others: 0 or more.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The file that the trajectory was read from; empty if that is not known.</summary>
    public string File { get; init; } = "";

    /// <summary>A key for its question: the id, unless the data has none.</summary>
    public string Question { get => field ?? Id; init; }

    /// <summary>Row of that file, counted from 1; 0 if that is not known.</summary>
    public int Row { get; init; }

    /// <summary>Where the tokens of its answers are from, before any cut.</summary>
    public AnswerSources Sources { get; init; }

    /// <summary>Tokens that a length limit took from its end.</summary>
    public int CutTokens { get; init; }

    /// <summary>[T] token ids, a copy.</summary>
    public int[] Tokens => Content.Tokens.ToArray();

    /// <summary>[T] a token's own id where it is to be predicted, <see cref="IgnoreLabel"/> elsewhere; a copy.</summary>
    public int[] Labels => Content.Labels();

    /// <summary>A copy of <see cref="DocumentContent.LogProbabilities"/>; null where none is known.</summary>
    public float[]? LogProbabilities => Content.LogProbabilities.IsEmpty ? null : Content.LogProbabilities.ToArray();

    /// <summary>The number of its tokens.</summary>
    public int Length => Content.Tokens.Length;

    /// <inheritdoc cref="DocumentContent.SupervisedTokens"/>
    public int SupervisedTokens => Content.SupervisedTokens;

    /// <summary>The first <paramref name="length"/> tokens.</summary>
    public TokenizedDocument Truncate(int length) => length >= Length
        ? this
        : this with { Content = Content.Truncate(length), CutTokens = CutTokens + Length - length };
}
