using System.Text;
using System.Text.RegularExpressions;

namespace Rebound.Cli.Tests.Terminal;

/// <summary>A terminal that understands what the line editor writes: text, line breaks, and moves of the cursor.</summary>
internal sealed partial class TestScreen(int width) : StringWriter
{
    private readonly List<StringBuilder> _rows = [new()];
    private int _row;
    private int _column;

    public (int Row, int Column) Cursor => (_row, _column);

    /// <summary>The rows, without blanks at their ends.</summary>
    public string Text => string.Join('\n', _rows.Select(row => row.ToString().TrimEnd()));

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        foreach (Match part in Part().Matches(value ?? ""))
        {
            Take(part.Value);
        }
    }

    private void Take(string part)
    {
        var count = int.TryParse(part.AsSpan(Math.Min(2, part.Length)).TrimEnd("ABCDHJKmlh"), out var number) ? number : 1;
        switch (part[0], part[^1])
        {
            case ('\r', _): _column = 0; break;
            case ('\n', _): Down(); break;
            case ('\u001b', 'A'): _row -= count; Assert.True(_row >= 0, "The cursor left the screen."); break;
            case ('\u001b', 'C'): _column += count; break;
            case ('\u001b', 'H'): (_row, _column) = (0, 0); break;
            case ('\u001b', 'K'): _rows[_row].Length = Math.Min(_rows[_row].Length, _column); break;
            case ('\u001b', 'J'): Erase(part == "\u001b[2J"); break;
            case ('\u001b', _): break;
            default: Put(part); break;
        }
    }

    private void Down()
    {
        _row++;
        _column = 0;
        if (_row == _rows.Count)
        {
            _rows.Add(new StringBuilder());
        }
    }

    private void Erase(bool all)
    {
        _rows.RemoveRange(all ? 0 : _row + 1, all ? _rows.Count : _rows.Count - _row - 1);
        if (all)
        {
            _rows.Add(new StringBuilder());
            (_row, _column) = (0, 0);
        }
        else
        {
            _rows[_row].Length = Math.Min(_rows[_row].Length, _column);
        }
    }

    private void Put(string text)
    {
        foreach (var character in text)
        {
            var row = _rows[_row];
            row.Length = Math.Max(row.Length, _column);
            if (_column < row.Length)
            {
                row[_column] = character;
            }
            else
            {
                row.Append(character);
            }

            _column++;
            Assert.True(_column < width, "The last column is left free, so that no terminal wraps by itself.");
        }
    }

    [GeneratedRegex(@"\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();
}
