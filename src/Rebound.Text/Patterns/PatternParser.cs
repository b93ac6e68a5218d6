using System.Globalization;
using Rebound.Files.Messages;
using Rebound.Text.Unicode;

namespace Rebound.Text.Patterns;

/// <summary>
/// Parses the part of Oniguruma's syntax that split patterns are written in. What is not known is an error that shows
/// where, never taken for something else.
/// </summary>
internal ref partial struct PatternParser(string pattern)
{
    private const int MostRepeats = 1000;

    /// <summary>Most characters of a pattern that an error quotes.</summary>
    private const int MostQuoted = 200;

    private int _at;
    private int _depth;
    private bool _ignoresCase;
    private bool _dotIsAny;

    public static PatternNode Parse(string pattern)
    {
        var parser = new PatternParser(pattern);
        var node = parser.ParseChoice();
        return parser._at == pattern.Length ? node : throw parser.Error("an unmatched )");
    }

    private readonly bool IsAtEnd => _at >= pattern.Length;

    private readonly char Current => IsAtEnd ? '\0' : pattern[_at];

    private PatternNode ParseChoice()
    {
        GoDeeper();
        var (ignoresCase, dotIsAny) = (_ignoresCase, _dotIsAny);
        var options = new List<PatternNode> { ParseSequence() };
        while (TryTake('|'))
        {
            options.Add(ParseSequence());
        }

        (_ignoresCase, _dotIsAny) = (ignoresCase, dotIsAny);
        _depth--;
        return options.Count == 1 ? options[0] : new PatternNode.Choice(options);
    }

    private PatternNode ParseSequence()
    {
        var parts = new List<PatternNode>();
        while (!IsAtEnd && Current is not ('|' or ')'))
        {
            if (ParseAtom() is { } atom)
            {
                parts.Add(ParseRepeats(atom));
            }
        }

        return parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts);
    }

    /// <summary>One atom; null for an option switch such as <c>(?i)</c>.</summary>
    private PatternNode? ParseAtom()
    {
        switch (Current)
        {
            case '(':
                return ParseGroup();
            case '[':
                _at++;
                return new PatternNode.Set(ParseClass());
            case '.':
                _at++;
                return new PatternNode.Set(_dotIsAny ? CodePointSet.Any : CodePointSet.AnyButNewline);
            case '^':
                _at++;
                return new PatternNode.Anchor(AnchorKind.LineStart);
            case '$':
                _at++;
                return new PatternNode.Anchor(AnchorKind.LineEnd);
            case '\\':
                return (PatternNode?)ParseAnchor() ?? new PatternNode.Set(ParseEscape(inClass: false));
            case '*' or '+' or '?':
                throw Error("a repetition of nothing");
            default:
                return new PatternNode.Set(Literal(TakeCodePoint()));
        }
    }

    private PatternNode ParseRepeats(PatternNode body)
    {
        while (TryParseCount(out var min, out var max, out var isBraced))
        {
            var kind = TryTake('?') ? Repetition.Lazy
                : !isBraced && TryTake('+') ? Repetition.Possessive
                : Repetition.Greedy;
            if (max == int.MaxValue && body.IsNullable)
            {
                throw Error("an unbounded repetition of something that may match nothing");
            }

            body = Checked(new PatternNode.Repeat(body, min, max, kind));
        }

        return Checked(body);
    }

    private bool TryParseCount(out int min, out int max, out bool isBraced)
    {
        (min, max, isBraced) = (0, int.MaxValue, false);
        switch (Current)
        {
            case '*':
                break;
            case '+':
                min = 1;
                break;
            case '?':
                max = 1;
                break;
            case '{':
                isBraced = true;
                return TryParseBraces(out min, out max);
            default:
                return false;
        }

        _at++;
        return true;
    }

    /// <summary><c>{n}</c>, <c>{n,}</c>, <c>{,m}</c> or <c>{n,m}</c>.</summary>
    private bool TryParseBraces(out int min, out int max)
    {
        var end = pattern.IndexOf('}', _at);
        var parts = end < 0 ? [] : pattern[(_at + 1)..end].Split(',');
        min = max = 0;
        if (parts.Length is not (1 or 2)
            || !TryParseBound(parts[0], absent: 0, out min)
            || !TryParseBound(parts[^1], absent: int.MaxValue, out max)
            || (parts[0].Length == 0 && parts[^1].Length == 0)
            || min > max)
        {
            throw Error("a { that is no repetition (write \\{ for the character)");
        }

        _at = end + 1;
        return min > MostRepeats || (max > MostRepeats && max != int.MaxValue)
            ? throw Error($"a repetition of more than {MostRepeats}")
            : true;
    }

    private static bool TryParseBound(string text, int absent, out int value)
    {
        value = absent;
        return text.Length == 0 || int.TryParse(text, NumberStyles.None, null, out value);
    }

    private PatternNode? ParseGroup()
    {
        _at++;
        if (!TryTake('?'))
        {
            return Close(ParseChoice());
        }

        if (TryTake("<="))
        {
            return Close(new PatternNode.Look(ParseChoice(), Behind: true, Negated: false));
        }

        if (TryTake("<!"))
        {
            return Close(new PatternNode.Look(ParseChoice(), Behind: true, Negated: true));
        }

        switch (Current)
        {
            case ':':
                _at++;
                return Close(ParseChoice());
            case '=':
                _at++;
                return Close(new PatternNode.Look(ParseChoice(), Behind: false, Negated: false));
            case '!':
                _at++;
                return Close(new PatternNode.Look(ParseChoice(), Behind: false, Negated: true));
            case '>':
                _at++;
                return Close(new PatternNode.Atomic(ParseChoice()));
            default:
                return ParseOptions();
        }
    }

    /// <summary><c>(?i:…)</c>, or <c>(?i)</c> for the rest of the group.</summary>
    private PatternNode? ParseOptions()
    {
        var (ignoresCase, dotIsAny) = (_ignoresCase, _dotIsAny);
        for (var on = true; Current is not (':' or ')'); _at++)
        {
            switch (Current)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    _ignoresCase = on;
                    break;
                case 'm':
                    _dotIsAny = on;
                    break;
                default:
                    throw Error("a group of a kind that is not supported");
            }
        }

        if (TryTake(')'))
        {
            // The switch holds to the end of the group, alternatives included, which so become its body.
            return ParseChoice();
        }

        _at++;
        var body = Close(ParseChoice());
        (_ignoresCase, _dotIsAny) = (ignoresCase, dotIsAny);
        return body;
    }

    private PatternNode.Anchor? ParseAnchor()
    {
        AnchorKind? kind = _at + 1 < pattern.Length
            ? pattern[_at + 1] switch
            {
                'A' => AnchorKind.TextStart,
                'z' => AnchorKind.TextEnd,
                'Z' => AnchorKind.TextEndOrLastNewline,
                'b' => AnchorKind.WordBoundary,
                'B' => AnchorKind.NotWordBoundary,
                _ => null,
            }
            : null;
        if (kind is null)
        {
            return null;
        }

        _at += 2;
        return new PatternNode.Anchor(kind.Value);
    }

    private PatternNode Close(PatternNode node) => TryTake(')') ? node : throw Error("a ( without its )");

    private bool TryTake(char wanted)
    {
        if (IsAtEnd || Current != wanted)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool TryTake(string wanted)
    {
        if (!pattern.AsSpan(_at).StartsWith(wanted))
        {
            return false;
        }

        _at += wanted.Length;
        return true;
    }

    private void GoDeeper()
    {
        if (++_depth > Nesting.Deepest)
        {
            throw TooDeep();
        }
    }

    private readonly PatternNode Checked(PatternNode node) => node.Depth <= Nesting.Deepest ? node : throw TooDeep();

    private readonly TokenizerException TooDeep() => new($"The pattern {Quoted(pattern)} {Nesting.TooDeep}.");

    private readonly TokenizerException Error(string what, int at = -1)
    {
        at = Math.Min(at < 0 ? _at : at, pattern.Length);
        return new TokenizerException(
            $"The pattern {Quoted(pattern)} has {what} at position {at}, before '{Quoted(pattern[at..])}'.");
    }

    /// <summary>A pattern as errors show it: on one line, all of it or the beginning of a long one.</summary>
    public static string Quoted(string pattern) => TextExcerpt.Beginning(pattern, MostQuoted).ReplaceLineEndings("␤");
}
