using System.Globalization;
using System.Text;

namespace Rebound.Grammar.Tests;

/// <summary>A random grammar: as text, and as plain rules for <see cref="EarleyRecognizer"/>.</summary>
internal sealed class EbnfKinds
{
    private const string Letters = "abé😀";

    private readonly Random _random;
    private readonly string[] _names;
    private readonly StringBuilder _text = new();

    /// <param name="count">Of rules.</param>
    private EbnfKinds(Random random, int count)
    {
        _random = random;
        _names = [.. Enumerable.Range(0, count).Select(i => i == 0 ? "root" : $"r-{i}")];
        foreach (var name in _names)
        {
            _text.Append(CultureInfo.InvariantCulture, $"{name} ::= ");
            Choice(name, depth: 0);
            _text.Append(random.Next(3) == 0 ? " # a comment\n\n" : "\n");
        }
    }

    /// <summary>A grammar and the same compiled; null for one that is refused.</summary>
    public static (EbnfKinds Kind, EbnfGrammar Compiled)? TryMake(Random random)
    {
        var kind = new EbnfKinds(random, random.Next(1, 5));
        try
        {
            return (kind, EbnfGrammar.Compile(kind.ToString()));
        }
        catch (GrammarException e)
        {
            Assert.Matches("never comes to an end|in too many ways", e.Message);
            return null;
        }
    }

    public static IReadOnlyList<string> Alphabet { get; } = [.. Letters.EnumerateRunes().Select(rune => rune.ToString())];

    /// <summary>By name the alternatives, each a list of names and of single characters.</summary>
    public Dictionary<string, List<string[]>> Rules { get; } = [];

    public override string ToString() => _text.ToString();

    private void Choice(string name, int depth)
    {
        var alternatives = Rules[name] = [];
        for (var left = _random.Next(1, 4); left > 0; left--)
        {
            alternatives.Add(Sequence(depth));
            _text.Append(left > 1 ? _random.Next(2) == 0 ? " | " : "\n  | " : "");
        }
    }

    private string[] Sequence(int depth)
    {
        var parts = new List<string>();
        for (var left = _random.Next(0, 4); left > 0; left--)
        {
            var single = Single(depth);
            parts.Add(_random.Next(4) == 0 ? Repeated(single) : single);
            _text.Append(' ');
        }

        if (parts.Count == 0)
        {
            _text.Append("\"\"");
        }

        return [.. parts];
    }

    private string Single(int depth)
    {
        switch (_random.Next(depth < 2 ? 7 : 6))
        {
            case 0 or 2 or 3:
                var letters = Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Letter()).ToArray();
                _text.Append(CultureInfo.InvariantCulture, $"\"{string.Concat(letters)}\"");
                return Fresh([letters]);
            case 1:
                var negated = _random.Next(2) == 0;
                var set = Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Letter()).ToHashSet();
                _text.Append(CultureInfo.InvariantCulture, $"[{(negated ? "^" : "")}{string.Concat(set)}]");
                return Fresh([.. Alphabet.Where(letter => set.Contains(letter) != negated).Select(letter => new[] { letter })]);
            case 6:
                _text.Append('(');
                var name = Fresh([]);
                Choice(name, depth + 1);
                _text.Append(')');
                return name;
            default:
                var called = _names[_random.Next(_names.Length)];
                _text.Append(called);
                return called;
        }
    }

    private string Repeated(string part)
    {
        var min = _random.Next(3);
        var max = min + _random.Next(3);
        var (sign, from, to) = _random.Next(6) switch
        {
            0 => ("*", 0, -1),
            1 => ("+", 1, -1),
            2 => ("?", 0, 1),
            3 => ($"{{{min}}}", min, min),
            4 => ($"{{{min},}}", min, -1),
            _ => ($"{{{min},{max}}}", min, max),
        };
        _text.Append(sign);
        if (to >= 0)
        {
            return Fresh([.. Enumerable.Range(from, to - from + 1).Select(times => Enumerable.Repeat(part, times).ToArray())]);
        }

        var more = Fresh([[]]);
        Rules[more].Add([more, part]);
        return Fresh([[.. Enumerable.Repeat(part, from), more]]);
    }

    private string Letter() => Alphabet[_random.Next(Alphabet.Count)];

    private string Fresh(List<string[]> alternatives)
    {
        var name = $"${Rules.Count}";
        Rules.Add(name, alternatives);
        return name;
    }
}
