using System.Text;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Texts;

/// <summary>Characters of JSON strings as bytes (RFC 8259, UTF-8).</summary>
internal sealed class JsonText
{
    private static readonly CodePointRanges Escaped = CodePointRanges.Of((0, 0x1F), ('"', '"'), ('\\', '\\'));

    private readonly NodeTable _table;
    private readonly Utf8Text _raw;
    private readonly Dictionary<CodePointRanges, Node> _sets = [];

    public JsonText(NodeTable table)
    {
        (_table, _raw) = (table, new Utf8Text(table));
        AnyCanonical = Of(CodePointRanges.All);
        AnyForm = table.Choice(_raw.Of(CodePointRanges.All.Without(Escaped)), Escapes());
    }

    /// <summary>A character in its canonical form: as it is where it may be, else by its shortest escape.</summary>
    public Node AnyCanonical { get; }

    /// <summary>A character in any form; half of a surrogate pair is none.</summary>
    public Node AnyForm { get; }

    /// <summary>A string with its quotes, in its canonical form.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(Escaped.Contains(rune.Value) ? Escape(rune.Value) : rune.ToString());
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A character of a set in its canonical form.</summary>
    public Node Of(CodePointRanges set)
    {
        if (!_sets.TryGetValue(set, out var node))
        {
            var escapes = Enumerable.Range(0, '\\' + 1).Where(value => Escaped.Contains(value) && set.Contains(value))
                .Select(value => Spell(Encoding.ASCII.GetBytes(Escape(value))));
            node = _table.Choice([_raw.Of(set.Without(Escaped)), .. escapes]);
            _sets.Add(set, node);
        }

        return node;
    }

    private static string Escape(int value) => value switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{value:x4}",
    };

    private static ByteSet Ascii(string characters) =>
        characters.Aggregate(ByteSet.None, (set, character) => set | ByteSet.Of((byte)character));

    private Node Escapes()
    {
        var hex = _table.Bytes(Ascii("0123456789abcdefABCDEF"));
        var (d, u) = (_table.Bytes(Ascii("dD")), Spell("u"u8));
        var single = _table.Choice(
            _table.Sequence(_table.Bytes(Ascii("0123456789abcABCefEF")), hex, hex, hex),
            _table.Sequence(d, _table.Bytes(Ascii("01234567")), hex, hex));
        var pair = _table.Sequence(
            d, _table.Bytes(Ascii("89abAB")), hex, hex, Spell("\\u"u8), d, _table.Bytes(Ascii("cdefCDEF")), hex, hex);
        return _table.Sequence(
            Spell("\\"u8), _table.Choice(_table.Bytes(Ascii("\"\\/bfnrt")), _table.Sequence(u, _table.Choice(single, pair))));
    }

    private Node Spell(ReadOnlySpan<byte> text)
    {
        var result = _table.Empty;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            result = _table.Sequence(_table.Bytes(ByteSet.Of(text[i])), result);
        }

        return result;
    }
}
