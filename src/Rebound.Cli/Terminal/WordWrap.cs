using System.Text;

namespace Rebound.Cli.Terminal;

/// <summary>
/// Breaks text between words while it is written: a word is held back until it is whole, and begins a row where it does not fit.
/// </summary>
/// <param name="width">Columns of the terminal, asked anew for every word.</param>
internal sealed class WordWrap(Func<int> width)
{
    private readonly StringBuilder _word = new();
    private int _column;
    private int _wordWidth;

    /// <summary>Appends text, and returns what can be written by now.</summary>
    public string Append(string text)
    {
        var output = new StringBuilder();
        foreach (var character in CellWidth.Characters(text))
        {
            if (character is "\n" or "\r\n")
            {
                TakeWord(output);
                output.Append('\n');
                _column = 0;
            }
            else if (character is " " or "\t")
            {
                TakeWord(output);
                Blank(output);
            }
            else
            {
                _word.Append(character);
                _wordWidth += CellWidth.OfCharacter(character);
                if (_wordWidth >= Room)
                {
                    TakeWord(output);
                }
            }
        }

        return output.ToString();
    }

    /// <summary>Gives the word that is held back.</summary>
    public string Flush()
    {
        var output = new StringBuilder();
        TakeWord(output);
        return output.ToString();
    }

    private int Room => Math.Max(10, width() - 1);

    private void TakeWord(StringBuilder output)
    {
        if (_column > 0 && _column + _wordWidth > Room)
        {
            output.Append('\n');
            _column = 0;
        }

        output.Append(_word);
        _column += _wordWidth;
        _word.Clear();
        _wordWidth = 0;
    }

    private void Blank(StringBuilder output)
    {
        if (_column >= Room)
        {
            output.Append('\n');
            _column = 0;
            return;
        }

        output.Append(' ');
        _column++;
    }
}
