using Rebound.Text.Bpe;
using Rebound.Text.Loading;
using Rebound.Text.PreTokenization;
using Rebound.Text.Unicode;

namespace Rebound.Text;

/// <summary>
/// One thread's way from text to ids: its buffers, and the words it has met. Added tokens are cut out first, what is
/// between them is normalized, split and looked up word by word.
/// </summary>
internal sealed class TextEncoder(
    TokenizerFile file, AddedTokenMatcher rawTokens, AddedTokenMatcher normalizedTokens, MergeBoundaries? boundaries)
{
    private readonly SplitText _split = new();
    private readonly WordCache _cache = new();
    private readonly TokenScratch _scratch = new(file.Model.Merges);
    private readonly TokenBuffer _ids = new();

    /// <summary>The ids of a text, valid until the next call.</summary>
    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> text, bool addSpecialTokens)
    {
        EncodeFrom(text, 0);
        AddAround(addSpecialTokens);
        return _ids.Span;
    }

    /// <summary>The ids of a text from behind an added token on, valid until the next call.</summary>
    public ReadOnlySpan<int> EncodeRest(ReadOnlySpan<char> text, int start)
    {
        EncodeFrom(text, start);
        return _ids.Span;
    }

    private void EncodeFrom(ReadOnlySpan<char> text, int start)
    {
        _ids.Clear();
        text = CodePoints.WellFormed(text);
        for (var search = new AddedTokenSearch { From = start }; rawTokens.TryFindNext(text, start, ref search, out var found);)
        {
            EncodeRaw(text[start..Math.Max(start, found.Start)], startsInput: start == 0);
            _ids.Add(found.TokenId);
            start = found.End;
        }

        EncodeRaw(text[Math.Min(start, text.Length)..], startsInput: start == 0);
    }

    private void EncodeRaw(ReadOnlySpan<char> text, bool startsInput)
    {
        if (text.Length == 0)
        {
            return;
        }

        var head = startsInput ? InputStart.Of(text) : InputStart.Nowhere;
        if (file.Normalizer is { } normalizer && !normalizer.LeavesUnchanged(text))
        {
            text = normalizer.Normalize(text.ToString(), ref head);
        }

        var start = 0;
        for (var search = new AddedTokenSearch(); normalizedTokens.TryFindNext(text, start, ref search, out var found);)
        {
            EncodeNormalized(text[start..Math.Max(start, found.Start)], InputStart.Behind(head, start));
            _ids.Add(found.TokenId);
            start = found.End;
        }

        EncodeNormalized(text[start..], InputStart.Behind(head, start));
    }

    private void EncodeNormalized(ReadOnlySpan<char> text, int head)
    {
        if (file.PreTokenizer is null)
        {
            EncodeStretches(text);
            return;
        }

        _split.Reset(text, head);
        file.PreTokenizer.Apply(_split);
        foreach (var piece in _split.Pieces)
        {
            EncodeWord(_split[piece]);
        }
    }

    private void EncodeStretches(ReadOnlySpan<char> text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = boundaries?.NextCut(text, start) ?? text.Length;
            EncodeWord(text[start..end]);
            start = end;
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word)
    {
        if (_cache.TryGet(word, _ids, out var key))
        {
            return;
        }

        var before = _ids.Count;
        file.Model.Tokenize(word, _scratch, _ids);
        _cache.Store(word, _ids.Span[before..], key);
    }

    private void AddAround(bool addSpecialTokens)
    {
        var around = (addSpecialTokens ? file.PostProcessor : null) ?? PostProcessor.None;
        file.Truncation?.Apply(_ids, around.Before.Length + around.After.Length);
        if (around.Before.Length > 0)
        {
            _ids.Prepend(around.Before);
        }

        _ids.AddRange(around.After);
        file.Padding?.Apply(_ids);
    }
}
