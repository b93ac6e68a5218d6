namespace Rebound.Trajectories.Rendering;

/// <summary>How many generated answers were taken by their token ids, and how many were tokenized again, and why.</summary>
/// <param name="Generated">Answers of the tokens that they were generated with.</param>
/// <param name="OtherTokenizer">Tokenized again: the ids are of another tokenizer.</param>
/// <param name="OtherText">Tokenized again: the ids do not say what is rendered there.</param>
/// <param name="ByRenderer">Tokenized again: the renderer takes no ids.</param>
public readonly record struct AnswerSources(int Generated, int OtherTokenizer, int OtherText, int ByRenderer)
{
    /// <summary>Answers that brought token ids.</summary>
    public int All => Generated + OtherTokenizer + OtherText + ByRenderer;

    public static AnswerSources operator +(AnswerSources left, AnswerSources right) => new(
        left.Generated + right.Generated,
        left.OtherTokenizer + right.OtherTokenizer,
        left.OtherText + right.OtherText,
        left.ByRenderer + right.ByRenderer);
}
