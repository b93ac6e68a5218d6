using System.Globalization;
using System.Text;
using Rebound.Files.Messages;

namespace Rebound.Models.Adapters;

/// <summary>
/// Regular expressions of Python (https://docs.python.org/3/library/re.html#regular-expression-syntax) as .NET spells them.
/// Where the two mean the same, the text stays; groups become plain ones, so that their numbers are Python's.
/// </summary>
internal sealed class PythonPattern
{
    private readonly string _pattern;
    private readonly StringBuilder _output = new();
    private readonly Dictionary<string, int> _names = [];
    private readonly Stack<int> _open = new();
    private int _next;
    private int _groups;

    /// <summary>Where in the output the last thing starts that a quantifier may follow.</summary>
    private int _atom;

    private PythonPattern(string pattern) => _pattern = pattern;

    public static string ToDotNet(string pattern)
    {
        var translation = new PythonPattern(pattern);
        while (translation._next < pattern.Length)
        {
            translation.Step();
        }

        return translation._output.ToString();
    }

    private void Step()
    {
        switch (_pattern[_next])
        {
            case '\\':
                Escape();
                break;
            case '[':
                CharacterClass();
                break;
            case '(':
                Group();
                break;
            case ')':
                _atom = _open.TryPop(out var start) ? start : _output.Length;
                _output.Append(_pattern[_next++]);
                break;
            case '*' or '+' or '?':
                Quantify(_pattern[_next++].ToString());
                break;
            case '{' when Repetition() is (var text, var end):
                _next = end;
                Quantify(text);
                break;
            default:
                _atom = _output.Length;
                _output.Append(_pattern[_next++]);
                break;
        }
    }

    /// <summary>Appends a quantifier; a possessive one, as in <c>a++</c>, becomes an atomic group.</summary>
    private void Quantify(string quantifier)
    {
        _output.Append(quantifier);
        if (_next >= _pattern.Length)
        {
            return;
        }

        if (_pattern[_next] == '?')
        {
            _output.Append(_pattern[_next++]);
        }
        else if (_pattern[_next] == '+')
        {
            _output.Insert(_atom, "(?>").Append(')');
            _next++;
        }
    }

    /// <summary><c>{m}</c>, <c>{m,n}</c>, <c>{m,}</c>, <c>{,n}</c> or <c>{,}</c>; null for a brace that is one.</summary>
    private (string Text, int End)? Repetition()
    {
        var end = _pattern.IndexOf('}', _next);
        if (end < 0 || end == _next + 1)
        {
            return null;
        }

        var bounds = _pattern[(_next + 1)..end].Split(',');
        if (bounds.Length > 2 || Array.Exists(bounds, bound => !bound.All(char.IsAsciiDigit)))
        {
            return null;
        }

        var least = bounds[0].Length == 0 ? "0" : bounds[0];
        return (bounds.Length == 1 ? $"{{{least}}}" : $"{{{least},{bounds[1]}}}", end + 1);
    }

    private void Escape()
    {
        _atom = _output.Length;
        if (_next + 1 == _pattern.Length)
        {
            _output.Append(_pattern[_next++]);
            return;
        }

        var escaped = _pattern[_next + 1];
        if (escaped == 'U' && CodePoint(_next + 2) is { } character)
        {
            _output.Append("(?:").Append(character).Append(')');
            _next += 10;
            return;
        }

        _next += 2;
        _output.Append(escaped switch
        {
            'Z' => @"\z",
            '_' => "_",
            _ when !char.IsAscii(escaped) => $"{escaped}",
            _ => $"\\{escaped}",
        });
    }

    private string? CodePoint(int start) => start + 8 <= _pattern.Length
        && int.TryParse(_pattern.AsSpan(start, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
        && Rune.IsValid(value) ? new Rune(value).ToString() : null;

    /// <summary>In .NET a bracket within a class may begin one that is taken away; in Python it is a bracket.</summary>
    private void CharacterClass()
    {
        _atom = _output.Length;
        _output.Append(_pattern[_next++]);
        if (_next < _pattern.Length && _pattern[_next] == '^')
        {
            _output.Append(_pattern[_next++]);
        }

        for (var first = _next; _next < _pattern.Length; _next++)
        {
            var character = _pattern[_next];
            if (character == '\\' && _next + 1 < _pattern.Length)
            {
                _output.Append(character).Append(_pattern[++_next]);
                continue;
            }

            _output.Append(character == '[' ? @"\[" : $"{character}");
            if (character == ']' && _next > first)
            {
                _next++;
                return;
            }
        }
    }

    private void Group()
    {
        var start = _output.Length;
        if (_next + 1 == _pattern.Length || _pattern[_next + 1] != '?')
        {
            Open(start, "(", 1);
            _groups++;
            return;
        }

        var end = _pattern.IndexOfAny([')', '>', ':'], _next);
        if (Starts("(?#"))
        {
            var close = _pattern.IndexOf(')', _next);
            _next = close < 0 ? _pattern.Length : close + 1;
        }
        else if (Starts("(?P<") && end > 0 && _pattern[end] == '>')
        {
            _names[_pattern[(_next + 4)..end]] = ++_groups;
            Open(start, "(", end + 1 - _next);
        }
        else if (Starts("(?P=") && end > 0 && _names.TryGetValue(_pattern[(_next + 4)..end], out var group))
        {
            _atom = start;
            _output.Append(CultureInfo.InvariantCulture, $@"\k<{group}>");
            _next = end + 1;
        }
        else if (Starts("(?(") && end > 0 && _names.TryGetValue(_pattern[(_next + 3)..end], out var condition))
        {
            Open(start, $"(?({condition})", end + 1 - _next);
        }
        else if (Starts("(?(") && end > 0)
        {
            Open(start, _pattern[_next..(end + 1)], end + 1 - _next);
        }
        else if (end > 0 && _pattern.AsSpan(_next + 2, end - _next - 2) is { IsEmpty: false } flags && flags.Trim("aiLmsux-").IsEmpty)
        {
            Flags(start, flags.ToString(), end);
        }
        else
        {
            Open(start, "(?", 2);
        }
    }

    /// <summary><c>(?i)</c> or <c>(?i:…)</c>; that texts are Unicode, ASCII or of a locale, .NET does not ask.</summary>
    private void Flags(int start, string flags, int end)
    {
        var known = string.Concat(flags.Where(flag => flag is not ('a' or 'L' or 'u')));
        var isGroup = _pattern[end] == ':';
        if (isGroup)
        {
            Open(start, $"(?{known}:", end + 1 - _next);
            return;
        }

        _output.Append(known.Length == 0 ? "" : $"(?{known})");
        _next = end + 1;
    }

    /// <exception cref="ArgumentException">Groups nest too deep.</exception>
    private void Open(int start, string text, int length)
    {
        if (_open.Count == Nesting.Deepest)
        {
            throw new ArgumentException($"it {Nesting.TooDeep}");
        }

        _open.Push(start);
        _output.Append(text);
        _next += length;
    }

    private bool Starts(string text) => _pattern.AsSpan(_next).StartsWith(text, StringComparison.Ordinal);
}
