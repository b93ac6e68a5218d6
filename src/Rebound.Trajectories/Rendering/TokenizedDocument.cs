namespace Rebound.Trajectories.Rendering;

/// <summary>A document's tokens and labels.</summary>
/// <param name="Id">The trajectory's id.</param>
/// <param name="Condition">The condition under which the question is asked.</param>
/// <param name="Tokens">[T] token ids.</param>
/// <param name="Labels">[T] a token's own id where it is to be predicted, <see cref="IgnoreLabel"/> elsewhere.</param>
public sealed record TokenizedDocument(string Id, string Condition, int[] Tokens, int[] Labels)
{
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

    /// <summary>
    /// [T] natural logarithms of the probabilities that tokens were generated with, NaN where that is not known and outside of the loss;
    /// null where none is known.
    /// </summary>
    public float[]? LogProbabilities { get; init; }

    /// <summary>Where the tokens of its answers are from, before any cut.</summary>
    public AnswerSources Sources { get; init; }

    /// <summary>Tokens that a length limit took from its end.</summary>
    public int CutTokens { get; init; }

    /// <summary>Tokens in the loss. The first token is never one: nothing before it could predict it.</summary>
    public int SupervisedTokens { get; } = Labels.Skip(1).Count(label => label != IgnoreLabel);

    /// <summary>The first <paramref name="length"/> tokens.</summary>
    public TokenizedDocument Truncate(int length) =>
        length >= Tokens.Length
        ? this
        : With(Tokens[..length], Labels[..length]) with
        {
            LogProbabilities = LogProbabilities?[..length],
            CutTokens = CutTokens + Tokens.Length - length,
        };

    /// <summary>The same trajectory's, with other tokens or other ones in the loss.</summary>
    public TokenizedDocument With(int[] tokens, int[] labels) =>
        new(Id, Condition, tokens, labels)
        {
            Outcome = Outcome,
            Reward = Reward,
            Weight = Weight,
            File = File,
            Question = Question,
            Row = Row,
            LogProbabilities = LogProbabilities,
            Sources = Sources,
            CutTokens = CutTokens,
        };
}
