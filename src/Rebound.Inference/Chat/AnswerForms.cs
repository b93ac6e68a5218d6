using Rebound.Grammar;
using Rebound.Grammar.Masks;
using Rebound.Inference.Generation;
using Rebound.Text;

namespace Rebound.Inference.Chat;

/// <summary>The forms that requests hold a model's answers to, those of late kept with their masks.</summary>
/// <param name="tokenizer">The model's.</param>
public sealed class AnswerForms(Tokenizer tokenizer)
{
    private const int MostKept = 16;

    private readonly Lock _lock = new();
    private readonly Lazy<TokenTrie> _trie = new(() => JsonConstraint.TrieOf(tokenizer));
    private readonly Dictionary<string, JsonConstraint> _kept = [];

    /// <param name="schema">A JSON Schema as text; null for any JSON object.</param>
    /// <exception cref="GrammarException">The schema cannot be held to.</exception>
    public JsonConstraint Of(string? schema)
    {
        lock (_lock)
        {
            if (_kept.TryGetValue(schema ?? "", out var constraint))
            {
                return constraint;
            }
        }

        // Others do not wait for a schema that takes long.
        var made = new JsonConstraint(schema is null ? JsonGrammar.AnyObject() : JsonGrammar.Compile(schema), _trie.Value);
        lock (_lock)
        {
            if (_kept.Count == MostKept)
            {
                _kept.Clear();
            }

            _kept[schema ?? ""] = made;
            return made;
        }
    }
}
