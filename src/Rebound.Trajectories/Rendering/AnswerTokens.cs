using Rebound.Text;

namespace Rebound.Trajectories.Rendering;

/// <summary>The tokens of an answer in the loss, its stop token included.</summary>
/// <param name="Ids">[n].</param>
/// <param name="LogProbabilities">[n], NaN where unknown; null where the text was tokenized.</param>
/// <param name="Sources">Counts the answer by where its tokens are from; zero for one that brought none.</param>
internal readonly record struct AnswerTokens(int[] Ids, float[]? LogProbabilities, AnswerSources Sources)
{
    /// <summary>Tokens before an answer that it is decoded behind: as many as the bytes of a character.</summary>
    private const int Context = 4;

    /// <summary>Whether they are those that the answer was generated with.</summary>
    public bool AreGenerated => LogProbabilities is not null;

    /// <summary>
    /// The tokens that a turn was generated with, up to where they say exactly <paramref name="text"/> behind the prompt, and otherwise
    /// those of the text. The stop token is part of both: a turn that was cut, or ended with another token, did not generate it.
    /// </summary>
    /// <param name="prompt">The tokens before it.</param>
    /// <param name="text">The answer as it is rendered, with <paramref name="stop"/> at its end.</param>
    /// <param name="stop">Text of the stop token.</param>
    public static AnswerTokens Of(Turn turn, ReadOnlySpan<int> prompt, string text, string stop, Tokenizer tokenizer)
    {
        if (turn.Generated is not { } generated)
        {
            return new AnswerTokens(tokenizer.Encode(text), null, default);
        }

        if (generated.Tokenizer != tokenizer.Fingerprint)
        {
            return new AnswerTokens(tokenizer.Encode(text), null, new AnswerSources { OtherTokenizer = 1 });
        }

        int[] ids = [.. generated.Ids];
        var said = text.AsSpan(0, text.Length - stop.Length);
        if (!tokenizer.TryGetId(stop, out var stopId) || Array.Exists(ids, id => id >= tokenizer.VocabularySize)
            || Length(tokenizer, prompt[Math.Max(0, prompt.Length - Context)..], ids, said) is not { } length)
        {
            return new AnswerTokens(tokenizer.Encode(text), null, new AnswerSources { OtherText = 1 });
        }

        var stopLogProbability = length < ids.Length && ids[length] == stopId ? generated.LogProbabilities[length] : float.NaN;
        return new AnswerTokens(
            [.. ids[..length], stopId],
            [.. generated.LogProbabilities.Take(length), stopLogProbability],
            new AnswerSources { Generated = 1 });
    }

    /// <summary>How many of the ids say the text; null where no number of them does.</summary>
    private static int? Length(Tokenizer tokenizer, ReadOnlySpan<int> context, ReadOnlySpan<int> ids, ReadOnlySpan<char> text)
    {
        var target = tokenizer.Decode(context).Length + text.Length;
        var decoder = tokenizer.CreateDecoder(skipSpecialTokens: false);
        var certain = 0;
        foreach (var id in context)
        {
            certain += decoder.Append(id).Length;
        }

        var length = 0;
        for (; length < ids.Length && certain < target; length++)
        {
            certain += decoder.Append(ids[length]).Length;
        }

        // What a decoder holds back shows with the next token only.
        return Says(tokenizer, context, ids[..length], text) ? length
            : length > 0 && Says(tokenizer, context, ids[..(length - 1)], text) ? length - 1
            : null;
    }

    private static bool Says(Tokenizer tokenizer, ReadOnlySpan<int> context, ReadOnlySpan<int> ids, ReadOnlySpan<char> text)
    {
        var before = tokenizer.Decode(context);
        var whole = tokenizer.Decode([.. context, .. ids]);
        return whole.Length == before.Length + text.Length
            && whole.StartsWith(before, StringComparison.Ordinal) && whole.AsSpan(before.Length).SequenceEqual(text);
    }
}
