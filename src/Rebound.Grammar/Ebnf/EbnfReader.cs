using System.Globalization;
using Rebound.Grammar.Automata;
using Rebound.Grammar.Texts;

namespace Rebound.Grammar.Ebnf;

/// <summary>
/// Reads rules as llama.cpp's GBNF and xgrammar's EBNF write them. Where these differ it takes what either does: lines may be broken
/// anywhere, since a rule begins with a name and <c>::=</c>.
/// </summary>
internal sealed partial class EbnfReader
{
    private const int MostDepth = 100;
    private const int MostInRow = 10;
    private const int MostTimes = 10_000;
    private const string Defines = "::=";

    private readonly EbnfSource _source;
    private readonly string _text;
    private int _at;
    private int _depth;

    private EbnfReader(EbnfSource source) => (_source, _text) = (source, source.Text);

    private bool IsAtEnd => _at == _text.Length;

    /// <summary>The rules in their order.</summary>
    /// <exception cref="GrammarException">The text is no grammar, or has more than <paramref name="mostRules"/> rules.</exception>
    public static IReadOnlyList<EbnfRule> Read(EbnfSource source, int mostRules)
    {
        var reader = new EbnfReader(source);
        var rules = new List<EbnfRule>();
        for (reader.SkipSpace(); !reader.IsAtEnd; reader.SkipSpace())
        {
            if (rules.Count == mostRules)
            {
                throw reader.Wrong($"there are more than {mostRules} rules; say it with fewer.");
            }

            rules.Add(reader.Rule());
        }

        return rules;
    }

    private EbnfRule Rule()
    {
        var offset = _at;
        var name = Name();
        if (name.Length == 0)
        {
            throw Wrong($"a rule begins with its name and {Defines}, and here is {_source.Shown(_at)}.");
        }

        SkipSpace();
        if (!Takes(Defines))
        {
            throw Wrong($"the rule '{name}' lacks its {Defines}; here is {_source.Shown(_at)}.");
        }

        var body = Choice();
        return IsAtEnd || BeginsRule() ? new EbnfRule(name, offset, body) : throw Unexpected();
    }

    private EbnfPart Choice()
    {
        if (++_depth > MostDepth)
        {
            throw Wrong($"groups are more than {MostDepth} deep; give some of them a rule.");
        }

        var options = new List<EbnfPart> { Sequence() };
        while (Takes("|"))
        {
            options.Add(Sequence());
        }

        _depth--;
        return options.Count == 1 ? options[0] : new EbnfPart.Choice(options);
    }

    /// <summary>Parts up to what is none; of none for the empty text.</summary>
    private EbnfPart Sequence()
    {
        var parts = new List<EbnfPart>();
        for (SkipSpace(); !IsAtEnd && _text[_at] is not ('|' or ')') && !BeginsRule(); SkipSpace())
        {
            parts.Add(Repeated(Single()));
        }

        return parts.Count == 1 ? parts[0] : new EbnfPart.Sequence(parts);
    }

    private EbnfPart Repeated(EbnfPart part)
    {
        var count = 0;
        for (SkipSpace(); TryTimes(out var min, out var max); SkipSpace())
        {
            part = ++count <= MostInRow
                ? new EbnfPart.Repeat(part, min, max)
                : throw Wrong($"more than {MostInRow} repetitions stand in a row; one says it.");
        }

        return part;
    }

    private EbnfPart Single()
    {
        var offset = _at;
        switch (_text[_at])
        {
            case '"':
                return Literal();
            case '[':
                return Class();
            case '.':
                _at++;
                return new EbnfPart.Set(CodePointRanges.All);
            case '(' when _text.AsSpan(_at).StartsWith("(="):
                throw Wrong("look-ahead, '(=', cannot be kept to; write what follows where it follows.");
            case '(':
                _at++;
                var body = Choice();
                return Takes(")") ? body : throw _source.Wrong(offset, "this '(' lacks its ')'.");
            case '<' or '!':
                throw Wrong(
                    "tokens, '<…>' and '!<…>', cannot be kept to: a grammar is of characters; write the text between double quotes.");
            default:
                return Name() is { Length: > 0 } name ? new EbnfPart.Reference(name, offset) : throw Unexpected();
        }
    }

    /// <summary><c>*</c>, <c>+</c>, <c>?</c>, <c>{2}</c>, <c>{2,}</c> or <c>{2,5}</c>.</summary>
    private bool TryTimes(out int min, out int max)
    {
        (min, max) = (0, Node.Unbounded);
        if (Takes("*"))
        {
            return true;
        }

        if (Takes("+"))
        {
            min = 1;
            return true;
        }

        if (Takes("?"))
        {
            max = 1;
            return true;
        }

        var offset = _at;
        if (!Takes("{"))
        {
            return false;
        }

        min = Number();
        max = !Takes(",") ? min : !IsAtEnd && _text[_at] == '}' ? Node.Unbounded : Number();
        return !Takes("}")
            ? throw Wrong($"times are written as {{2}}, {{2,}} or {{2,5}}; here is {_source.Shown(_at)}.")
            : min <= max && min <= MostTimes && max is <= MostTimes or Node.Unbounded
                ? true
                : throw _source.Wrong(
                    offset, $"{_text[offset.._at]} is no number of times; give ascending numbers of at most {MostTimes}.");
    }

    private int Number()
    {
        SkipSpace();
        var first = _at;
        while (!IsAtEnd && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        var digits = _text.AsSpan(first, _at - first);
        if (digits.IsEmpty)
        {
            throw Wrong($"times are written as {{2}}, {{2,}} or {{2,5}}; here is {_source.Shown(_at)}.");
        }

        SkipSpace();
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Min(number, MostTimes + 1)
            : MostTimes + 1;
    }

    /// <summary>Whether a rule's name and <c>::=</c> stand here, for which a line has to begin.</summary>
    private bool BeginsRule()
    {
        var offset = _at;
        var name = Name();
        SkipSpace();
        var begins = name.Length > 0 && _text.AsSpan(_at).StartsWith(Defines);
        _at = offset;
        return !begins || _text.AsSpan(0, offset).TrimEnd(" \t") is [] or [.., '\n' or '\r']
            ? begins
            : throw Wrong($"the rule '{name}' begins in the midst of a line; begin one for it.");
    }

    private string Name()
    {
        var first = _at;
        while (!IsAtEnd && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '_'))
        {
            _at++;
        }

        return _text[first.._at];
    }

    /// <summary>White space and comments.</summary>
    private void SkipSpace()
    {
        for (; !IsAtEnd && _text[_at] is ' ' or '\t' or '\r' or '\n' or '#'; _at++)
        {
            if (_text[_at] == '#')
            {
                var end = _text.AsSpan(_at).IndexOfAny('\r', '\n');
                _at = end < 0 ? _text.Length - 1 : _at + end;
            }
        }
    }

    private bool Takes(string word)
    {
        var takes = _text.AsSpan(_at).StartsWith(word);
        _at += takes ? word.Length : 0;
        return takes;
    }

    private GrammarException Unexpected() => Wrong(_text[_at] switch
    {
        ')' => "this ')' lacks its '('.",
        '*' or '+' or '?' or '{' => $"{_source.Shown(_at)} has nothing before it that it could repeat.",
        '\'' => "texts stand between double quotes.",
        _ => $"{_source.Shown(_at)} is no part of a rule; there are \"texts\", [classes], names of rules, groups, '|', '.' and '*', '+', "
            + "'?', '{}'.",
    });

    private GrammarException Wrong(string problem) => _source.Wrong(_at, problem);
}
