using System.Globalization;

namespace Rebound.Cli.Terminal;

/// <summary>
/// A text that is edited, with a cursor between its characters. A character is what a person sees as one, of however many
/// code points.
/// </summary>
internal sealed class LineBuffer
{
    private string _cut = "";

    public string Text { get; private set; } = "";

    /// <summary>Index in <see cref="Text"/>, never within a character.</summary>
    public int Cursor { get; private set; }

    public void Set(string text) => (Text, Cursor) = (text, text.Length);

    public void Insert(string text)
    {
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    public void Left() => Cursor = Before(Cursor);

    public void Right() => Cursor = After(Cursor);

    /// <summary>To the beginning of the cursor's line.</summary>
    public void Home() => Cursor = Cursor == 0 ? 0 : Text.LastIndexOf('\n', Cursor - 1) + 1;

    /// <summary>To the end of the cursor's line.</summary>
    public void End() => Cursor = Text.IndexOf('\n', Cursor) is var end and >= 0 ? end : Text.Length;

    public void WordLeft() => Cursor = WordStart();

    public void WordRight() => Cursor = WordEnd();

    public void Backspace() => Remove(Before(Cursor), Cursor);

    public void Delete() => Remove(Cursor, After(Cursor));

    /// <summary>Cuts from the line's beginning to the cursor.</summary>
    public void CutToHome()
    {
        var end = Cursor;
        Home();
        Cut(Cursor, end);
    }

    /// <summary>Cuts from the cursor to the line's end, or the line break there.</summary>
    public void CutToEnd()
    {
        var start = Cursor;
        End();
        Cut(start, Cursor == start ? After(start) : Cursor);
    }

    /// <summary>Cuts the blank-separated word before the cursor.</summary>
    public void CutWord()
    {
        var start = Cursor;
        while (start > 0 && char.IsWhiteSpace(Text[start - 1]))
        {
            start--;
        }

        while (start > 0 && !char.IsWhiteSpace(Text[start - 1]))
        {
            start--;
        }

        Cut(start, Cursor);
    }

    /// <summary>Inserts what was cut last.</summary>
    public void Paste() => Insert(_cut);

    /// <summary>Moves to the line above, at the same distance from its beginning; false where there is none.</summary>
    public bool Up()
    {
        var column = Column(out var start);
        if (start == 0)
        {
            return false;
        }

        var above = start < 2 ? 0 : Text.LastIndexOf('\n', start - 2) + 1;
        MoveTo(above, column);
        return true;
    }

    /// <summary>Moves to the line below; false where there is none.</summary>
    public bool Down()
    {
        var column = Column(out _);
        var end = Text.IndexOf('\n', Cursor);
        if (end < 0)
        {
            return false;
        }

        MoveTo(end + 1, column);
        return true;
    }

    private int Column(out int start)
    {
        start = Cursor == 0 ? 0 : Text.LastIndexOf('\n', Cursor - 1) + 1;
        return new StringInfo(Text[start..Cursor]).LengthInTextElements;
    }

    private void MoveTo(int start, int column)
    {
        Cursor = start;
        while (column-- > 0 && Cursor < Text.Length && Text[Cursor] != '\n')
        {
            Right();
        }
    }

    private int Before(int index)
    {
        var before = 0;
        for (var next = 0; next < index; next += StringInfo.GetNextTextElementLength(Text, next))
        {
            before = next;
        }

        return before;
    }

    private int After(int index) => index < Text.Length ? index + StringInfo.GetNextTextElementLength(Text, index) : index;

    private int WordStart()
    {
        var start = Cursor;
        while (start > 0 && !char.IsLetterOrDigit(Text[start - 1]))
        {
            start--;
        }

        while (start > 0 && char.IsLetterOrDigit(Text[start - 1]))
        {
            start--;
        }

        return start;
    }

    private int WordEnd()
    {
        var end = Cursor;
        while (end < Text.Length && !char.IsLetterOrDigit(Text[end]))
        {
            end++;
        }

        while (end < Text.Length && char.IsLetterOrDigit(Text[end]))
        {
            end++;
        }

        return end;
    }

    private void Cut(int start, int end)
    {
        _cut = end > start ? Text[start..end] : _cut;
        Remove(start, end);
    }

    private void Remove(int start, int end) => (Text, Cursor) = (Text.Remove(start, end - start), start);
}
