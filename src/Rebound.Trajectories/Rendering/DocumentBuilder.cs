using System.Runtime.InteropServices;

namespace Rebound.Trajectories.Rendering;

/// <summary>Tokens and labels of one document while it grows.</summary>
internal sealed class DocumentBuilder(string id, string condition)
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _labels = [];
    private readonly List<float> _logProbabilities = [];
    private AnswerSources _sources;
    private int _answerStart;

    /// <summary>The token that the document ends with; null while it is empty.</summary>
    public int? LastToken => _tokens.Count > 0 ? _tokens[^1] : null;

    /// <summary>The tokens so far, until the next one is added.</summary>
    public ReadOnlySpan<int> Tokens => CollectionsMarshal.AsSpan(_tokens);

    /// <summary>Empties the document and begins it with tokens outside of the loss.</summary>
    public void Start(ReadOnlySpan<int> prompt)
    {
        _tokens.Clear();
        _labels.Clear();
        _logProbabilities.Clear();
        _sources = default;
        _answerStart = 0;
        Add(prompt, inLoss: false);
    }

    public void Add(ReadOnlySpan<int> tokens, bool inLoss)
    {
        foreach (var token in tokens)
        {
            _tokens.Add(token);
            _labels.Add(inLoss ? token : TokenizedDocument.IgnoreLabel);
            _logProbabilities.Add(float.NaN);
        }
    }

    public void AddAnswer(AnswerTokens answer)
    {
        _answerStart = _tokens.Count;
        _sources += answer.Sources;
        Add(answer.Ids, inLoss: true);
        answer.LogProbabilities?.CopyTo(CollectionsMarshal.AsSpan(_logProbabilities)[_answerStart..]);
    }

    /// <summary>Counts answers whose tokens are added by <see cref="Add"/>.</summary>
    public void Count(AnswerSources sources) => _sources += sources;

    /// <summary>
    /// Adds what <paramref name="whole"/> has beyond the document, outside of the loss; false if it does not begin with
    /// the document.
    /// </summary>
    public bool TryExtend(ReadOnlySpan<int> whole)
    {
        if (!StartsWith(whole, _tokens.Count))
        {
            return false;
        }

        Add(whole[_tokens.Count..], inLoss: false);
        return true;
    }

    /// <summary>
    /// Replaces the last answer's tokens by what <paramref name="whole"/> has after those before it; false, and no
    /// change, if it does not begin with those.
    /// </summary>
    public bool TryReplaceAnswer(ReadOnlySpan<int> whole)
    {
        if (!StartsWith(whole, _answerStart))
        {
            return false;
        }

        _tokens.RemoveRange(_answerStart, _tokens.Count - _answerStart);
        _labels.RemoveRange(_answerStart, _labels.Count - _answerStart);
        _logProbabilities.RemoveRange(_answerStart, _logProbabilities.Count - _answerStart);
        Add(whole[_answerStart..], inLoss: true);
        return true;
    }

    public TokenizedDocument Build() => new(
        id,
        condition,
        DocumentContent.Of(
            [.. _tokens],
            CollectionsMarshal.AsSpan(_labels),
            _logProbabilities.Exists(number => !float.IsNaN(number)) ? [.. _logProbabilities] : null))
    {
        Sources = _sources,
    };

    private bool StartsWith(ReadOnlySpan<int> whole, int count) =>
        whole.Length >= count && whole.StartsWith(Tokens[..count]);
}
