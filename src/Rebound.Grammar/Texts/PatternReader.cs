using System.Globalization;
using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Texts;

/// <summary>Reads regular expressions as ECMAScript spells them, with code points for characters.</summary>
internal sealed partial class PatternReader
{
    private const int MostDepth = 100;
    private const int MostLength = 5_000;
    private const int MostTimes = 10_000;

    private readonly string _pattern;
    private readonly string _place;
    private int _at;
    private int _depth;

    private PatternReader(string pattern, string place) => (_pattern, _place) = (pattern, place);

    private bool IsAtEnd => _at == _pattern.Length;

    /// <param name="place">Of the schema, for messages.</param>
    /// <exception cref="GrammarException">It is no regular expression, or asks for more than a finite automaton can do.</exception>
    public static PatternPart Read(string pattern, string place)
    {
        if (pattern.Length > MostLength)
        {
            throw new GrammarException(place, $"a pattern has {pattern.Length} characters, and may have {MostLength}; shorten it.");
        }

        var reader = new PatternReader(pattern, place);
        var part = reader.Choice();
        return reader.IsAtEnd ? part : throw reader.Wrong($"has '{pattern[reader._at]}' without its beginning");
    }

    private PatternPart Choice()
    {
        if (++_depth > MostDepth)
        {
            throw Wrong($"has groups more than {MostDepth} deep");
        }

        var options = new List<PatternPart> { Sequence() };
        while (Takes('|'))
        {
            options.Add(Sequence());
        }

        _depth--;
        return options.Count == 1 ? options[0] : new PatternPart.Choice(options);
    }

    private PatternPart.Sequence Sequence()
    {
        var parts = new List<PatternPart>();
        while (!IsAtEnd && _pattern[_at] is not ('|' or ')'))
        {
            parts.Add(Repeated(Single()));
        }

        return new PatternPart.Sequence(parts);
    }

    private PatternPart Repeated(PatternPart part)
    {
        var (min, max) = (1, 1);
        if (Takes('*'))
        {
            (min, max) = (0, Node.Unbounded);
        }
        else if (Takes('+'))
        {
            (min, max) = (1, Node.Unbounded);
        }
        else if (Takes('?'))
        {
            (min, max) = (0, 1);
        }
        else if (!TryTimes(out min, out max))
        {
            return part;
        }

        // Lazy or greedy: the same texts match as a whole.
        Takes('?');
        return part is PatternPart.Start or PatternPart.End or PatternPart.Ahead || (!IsAtEnd && _pattern[_at] is '*' or '+')
            ? throw Wrong("repeats what cannot be repeated")
            : new PatternPart.Repeat(part, min, max);
    }

    /// <summary><c>{2}</c>, <c>{2,}</c> or <c>{2,5}</c>; another brace is itself.</summary>
    private bool TryTimes(out int min, out int max)
    {
        (min, max) = (1, 1);
        var end = !IsAtEnd && _pattern[_at] == '{' ? _pattern.IndexOf('}', _at) : -1;
        if (end < 0)
        {
            return false;
        }

        var ends = _pattern[(_at + 1)..end].Split(',');
        if (ends.Length > 2 || !TryNumber(ends[0], out min) || (ends[^1].Length > 0 && !TryNumber(ends[^1], out max)))
        {
            return false;
        }

        max = ends[^1].Length == 0 ? Node.Unbounded : max;
        _at = end + 1;
        return min <= max && min <= MostTimes && max is <= MostTimes or Node.Unbounded
            ? true
            : throw Wrong($"repeats {min} to {max} times; give ascending numbers of at most {MostTimes}");

        static bool TryNumber(string text, out int number) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private PatternPart Single()
    {
        var character = Next();
        return character switch
        {
            '^' => new PatternPart.Start(),
            '$' => new PatternPart.End(),
            '.' => new PatternPart.Set(CodePointRanges.AnyButLineEnds),
            '[' => new PatternPart.Set(Class()),
            '(' => Group(),
            '\\' => Escape(),
            '*' or '+' or '?' => throw Wrong($"has '{(char)character}' with nothing before it"),
            _ => new PatternPart.Set(CodePointRanges.Of((character, character))),
        };
    }

    private PatternPart Group()
    {
        PatternPart part;
        if (!Takes('?'))
        {
            part = Choice();
        }
        else if (Takes(':'))
        {
            part = Choice();
        }
        else if (Takes('='))
        {
            part = new PatternPart.Ahead(Choice(), Negated: false);
        }
        else if (Takes('!'))
        {
            part = new PatternPart.Ahead(Choice(), Negated: true);
        }
        else if (Takes('<') && !IsAtEnd && _pattern[_at] is not ('=' or '!') && _pattern.IndexOf('>', _at) is >= 0 and var end)
        {
            _at = end + 1;
            part = Choice();
        }
        else
        {
            throw Wrong("looks behind or switches modes, which a finite automaton does not");
        }

        return Takes(')') ? part : throw Wrong("has a group without its end");
    }

    /// <summary>A code point.</summary>
    private int Next()
    {
        if (IsAtEnd)
        {
            throw Wrong("ends too early");
        }

        var value = _at + 1 < _pattern.Length && char.IsSurrogatePair(_pattern, _at) ? char.ConvertToUtf32(_pattern, _at) : _pattern[_at];
        _at += value > char.MaxValue ? 2 : 1;
        return value;
    }

    private bool Takes(char character)
    {
        var takes = !IsAtEnd && _pattern[_at] == character;
        _at += takes ? 1 : 0;
        return takes;
    }

    private GrammarException Wrong(string problem) => new(_place, $"the pattern {_pattern} {problem}.");
}
