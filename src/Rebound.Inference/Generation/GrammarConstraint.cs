using Rebound.Grammar;
using Rebound.Grammar.Masks;
using Rebound.Text;

namespace Rebound.Inference.Generation;

/// <summary>
/// Holds what is generated to a grammar, such as a JSON Schema's: it ends as a text of the grammar's, unless tokens or context run out
/// before. Made once for a grammar and a tokenizer, it keeps its masks for all sequences that follow it.
/// </summary>
public sealed class GrammarConstraint : ITokenConstraint
{
    private readonly Lock _lock = new();
    private readonly ByteGrammar _grammar;
    private readonly TokenTrie _trie;
    private readonly Dictionary<string, TokenMasks> _masks = [];

    /// <param name="trie">Of the model's tokenizer.</param>
    public GrammarConstraint(ByteGrammar grammar, TokenTrie trie) => (_grammar, _trie) = (grammar, trie);

    /// <summary>A tokenizer's tokens as constraints look them up: made once for all grammars.</summary>
    public static TokenTrie TrieOf(Tokenizer tokenizer) => new(TokenBytes.Of(tokenizer));

    /// <exception cref="ArgumentException">There is no stop token, or the tokenizer has more tokens than the model.</exception>
    public IConstrainedText Begin(IReadOnlyCollection<int> stopTokens, int vocabulary)
    {
        var key = $"{vocabulary}: {string.Join(' ', stopTokens.Order())}";
        lock (_lock)
        {
            if (!_masks.TryGetValue(key, out var masks))
            {
                masks = new TokenMasks(_grammar, _trie, stopTokens, vocabulary);
                _masks.Add(key, masks);
            }

            return new Document(new ConstrainedDocument(masks));
        }
    }

    private sealed class Document(ConstrainedDocument document) : IConstrainedText
    {
        public ReadOnlyMemory<ulong> Allowed => document.Allowed;

        public void Advance(int token) => document.Advance(token);
    }
}
