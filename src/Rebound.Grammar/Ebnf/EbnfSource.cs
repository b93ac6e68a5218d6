using System.Text;

namespace Rebound.Grammar.Ebnf;

/// <summary>A grammar's text, and problems at their place in it.</summary>
internal sealed class EbnfSource(string text)
{
    public string Text => text;

    public GrammarException Wrong(int offset, string problem)
    {
        var before = text.AsSpan(0, offset);
        return GrammarException.OfGrammar(before.Count('\n') + 1, offset - before.LastIndexOf('\n'), problem);
    }

    /// <summary>The character there, as a message shows it.</summary>
    public string Shown(int offset) => offset == text.Length ? "the end"
        : char.IsControl(text[offset]) ? $"U+{(int)text[offset]:X4}"
        : Rune.TryGetRuneAt(text, offset, out var rune) ? $"'{rune}'"
        : "half a surrogate pair";
}
