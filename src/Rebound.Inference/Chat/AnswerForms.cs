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
    private readonly Lazy<TokenTrie> _trie = new(() => GrammarConstraint.TrieOf(tokenizer));
    private readonly Dictionary<(Kind Kind, string Text), GrammarConstraint> _kept = [];

    /// <summary>How the text of a form is read.</summary>
    private enum Kind
    {
        AnyObject,
        Schema,
        Pattern,
        Choices,
        Grammar,
    }

    /// <param name="schema">A JSON Schema as text; null for any JSON object.</param>
    /// <exception cref="GrammarException">The schema cannot be held to.</exception>
    public GrammarConstraint Of(string? schema) => schema is null
        ? Find(Kind.AnyObject, "", () => JsonGrammar.AnyObject())
        : Find(Kind.Schema, schema, () => JsonGrammar.Compile(schema));

    /// <summary>Plain text that a regular expression matches as a whole.</summary>
    /// <exception cref="GrammarException">The pattern cannot be held to.</exception>
    public GrammarConstraint OfPattern(string pattern) => Find(Kind.Pattern, pattern, () => TextGrammar.OfPattern(pattern));

    /// <summary>One of some texts.</summary>
    /// <exception cref="GrammarException">There are none, or too many.</exception>
    public GrammarConstraint OfChoices(IReadOnlyList<string> choices) => Find(
        Kind.Choices, string.Concat(choices.Select(choice => $"{choice.Length} {choice}")), () => TextGrammar.OfChoices(choices));

    /// <summary>A text that a context-free grammar derives from its rule <c>root</c>.</summary>
    /// <exception cref="GrammarException">The grammar cannot be held to.</exception>
    public GrammarConstraint OfGrammar(string grammar) => Find(Kind.Grammar, grammar, () => EbnfGrammar.Compile(grammar));

    private GrammarConstraint Find(Kind kind, string text, Func<ByteGrammar> compile)
    {
        lock (_lock)
        {
            if (_kept.TryGetValue((kind, text), out var constraint))
            {
                return constraint;
            }
        }

        // Others do not wait for a form that takes long.
        var made = new GrammarConstraint(compile(), _trie.Value);
        lock (_lock)
        {
            if (_kept.Count == MostKept)
            {
                _kept.Clear();
            }

            _kept[(kind, text)] = made;
            return made;
        }
    }
}
