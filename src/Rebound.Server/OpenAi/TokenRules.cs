using System.Numerics;
using Rebound.Inference.Generation;
using Rebound.Server.Http;
using Rebound.Text;

namespace Rebound.Server.OpenAi;

/// <summary>
/// The tokens that may come as <c>allowed_token_ids</c>, <c>bad_words</c> and <c>min_tokens</c> say, within what an answer is held to
/// besides. Where they leave nothing over, they are not kept to for that token.
/// </summary>
internal sealed class TokenRules : ITokenConstraint
{
    private const int BitsOfWord = 64;
    private const int MostWords = 1024;
    private const int MostTokensOfWord = 64;

    private readonly ITokenConstraint? _inner;
    private readonly int[]? _allowed;
    private readonly int[][] _forbidden;
    private readonly int _leastTokens;

    private TokenRules(ITokenConstraint? inner, int[]? allowed, int[][] forbidden, int leastTokens) =>
        (_inner, _allowed, _forbidden, _leastTokens) = (inner, allowed, forbidden, leastTokens);

    /// <summary>The constraint itself where a request has no such members.</summary>
    /// <param name="inner">What the answer is held to besides; null for nothing.</param>
    /// <param name="vocabulary">Ids are below it.</param>
    /// <exception cref="ApiException">A member is out of its range.</exception>
    public static ITokenConstraint? Around(ITokenConstraint? inner, GenerationMembers request, Tokenizer tokenizer, int vocabulary)
    {
        if (request.MinTokens is < 0)
        {
            throw ApiException.Invalid("min_tokens", $"'min_tokens' is {request.MinTokens}, and must be at least 0.");
        }

        if (request.AllowedTokenIds is { } ids && (ids.Count == 0 || ids.Any(id => id < 0 || id >= vocabulary)))
        {
            throw ApiException.Invalid(
                "allowed_token_ids", $"'allowed_token_ids' must have at least one id, all from 0 to {vocabulary - 1}.");
        }

        return request is { AllowedTokenIds: null, BadWords: null or { Count: 0 }, MinTokens: null or 0 }
            ? inner
            : new TokenRules(
                inner, request.AllowedTokenIds?.ToArray(), Forbidden(request.BadWords ?? [], tokenizer), request.MinTokens ?? 0);
    }

    public IConstrainedText Begin(IReadOnlyCollection<int> stopTokens, int vocabulary) =>
        new Text(this, _inner?.Begin(stopTokens, vocabulary), stopTokens, vocabulary);

    /// <summary>Every word as it is written at the beginning of a text, and after a blank.</summary>
    private static int[][] Forbidden(IReadOnlyList<string> words, Tokenizer tokenizer)
    {
        if (words.Count > MostWords || words.Any(string.IsNullOrEmpty))
        {
            throw ApiException.Invalid("bad_words", $"'bad_words' may have {MostWords} words, none of them empty.");
        }

        var forbidden = words.SelectMany(word => new[] { word, " " + word.TrimStart() }).Distinct(StringComparer.Ordinal)
            .Select(word => tokenizer.Encode(word)).ToArray();
        return Array.TrueForAll(forbidden, tokens => tokens.Length <= MostTokensOfWord)
            ? forbidden
            : throw ApiException.Invalid("bad_words", $"A word of 'bad_words' may have {MostTokensOfWord} tokens.");
    }

    private sealed class Text : IConstrainedText
    {
        private readonly TokenRules _rules;
        private readonly IConstrainedText? _inner;
        private readonly IReadOnlyCollection<int> _stopTokens;
        private readonly ulong[] _any;
        private readonly List<int> _said = [];

        public Text(TokenRules rules, IConstrainedText? inner, IReadOnlyCollection<int> stopTokens, int vocabulary)
        {
            (_rules, _inner, _stopTokens) = (rules, inner, stopTokens);
            _any = new ulong[(vocabulary + BitsOfWord - 1) / BitsOfWord];
            foreach (var token in rules._allowed ?? Enumerable.Range(0, vocabulary))
            {
                Set(_any, token);
            }

            // An answer of few tokens has to be able to end.
            foreach (var token in rules._allowed is null ? [] : stopTokens)
            {
                Set(_any, token);
            }

            Allowed = Mask();
        }

        public ReadOnlyMemory<ulong> Allowed { get; private set; }

        public void Advance(int token)
        {
            _inner?.Advance(token);
            _said.Add(token);
            Allowed = Mask();
        }

        private static void Set(ulong[] mask, int token) => mask[token / BitsOfWord] |= 1UL << (token % BitsOfWord);

        private static void Clear(ulong[] mask, int token) => mask[token / BitsOfWord] &= ~(1UL << (token % BitsOfWord));

        private static bool IsEmpty(ulong[] mask) => Array.TrueForAll(mask, word => BitOperations.PopCount(word) == 0);

        private ReadOnlyMemory<ulong> Mask()
        {
            var mask = (ulong[])_any.Clone();
            if (_inner is not null)
            {
                for (var i = 0; i < mask.Length; i++)
                {
                    mask[i] &= _inner.Allowed.Span[i];
                }
            }

            foreach (var word in _rules._forbidden)
            {
                if (EndsWith(word.AsSpan(0, word.Length - 1)))
                {
                    Clear(mask, word[^1]);
                }
            }

            foreach (var token in _said.Count < _rules._leastTokens ? _stopTokens : [])
            {
                Clear(mask, token);
            }

            return IsEmpty(mask) ? _inner?.Allowed ?? _any : mask;
        }

        private bool EndsWith(ReadOnlySpan<int> tokens) =>
            tokens.Length <= _said.Count
            && System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_said)[^tokens.Length..].SequenceEqual(tokens);
    }
}
