using Microsoft.Extensions.AI;
using Rebound.Grammar;
using Rebound.Grammar.Masks;
using Rebound.Inference.Generation;
using Rebound.Text;

namespace Rebound.Inference.Chat;

/// <summary>The forms that requests hold a model's answers to, those of late kept with their masks.</summary>
internal sealed class AnswerForms(Tokenizer tokenizer)
{
    private const int MostKept = 16;

    private readonly Lock _lock = new();
    private readonly Lazy<TokenTrie> _trie = new(() => JsonConstraint.TrieOf(tokenizer));
    private readonly Dictionary<string, JsonConstraint> _kept = [];

    /// <exception cref="GrammarException">The schema cannot be held to.</exception>
    public JsonConstraint Of(ChatResponseFormatJson format)
    {
        var schema = format.Schema?.GetRawText() ?? "";
        lock (_lock)
        {
            if (_kept.TryGetValue(schema, out var constraint))
            {
                return constraint;
            }

            constraint = new JsonConstraint(schema.Length == 0 ? JsonGrammar.AnyObject() : JsonGrammar.Compile(schema), _trie.Value);
            if (_kept.Count == MostKept)
            {
                _kept.Clear();
            }

            _kept.Add(schema, constraint);
            return constraint;
        }
    }
}
