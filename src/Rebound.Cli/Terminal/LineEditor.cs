namespace Rebound.Cli.Terminal;

/// <summary>
/// Reads lines from a person at a terminal: with a cursor, a history, and pastes of several lines. What it shows it writes as
/// escape sequences, so that it can be tried without a terminal.
/// </summary>
/// <param name="size">Columns and rows of the terminal.</param>
/// <param name="complete">Completions of a line's beginning.</param>
internal sealed class LineEditor(
    LineKeys keys, TerminalWriter output, LineHistory history, Func<(int Width, int Height)> size,
    Func<string, IReadOnlyList<string>> complete)
{
    private readonly LineBuffer _buffer = new();
    private int _cursorRow;

    /// <summary>How reading a line ended.</summary>
    public enum End
    {
        /// <summary>With a line.</summary>
        Line,

        /// <summary>By Ctrl-C with nothing typed.</summary>
        Interrupted,

        /// <summary>By Ctrl-D with nothing typed.</summary>
        Left,
    }

    /// <summary>Reads a line, which may hold line breaks.</summary>
    /// <param name="prompt">Stands before it.</param>
    /// <param name="style">The prompt's escape sequence; empty for none.</param>
    public (End End, string Line) Read(string prompt, string style)
    {
        _buffer.Set("");
        _cursorRow = 0;
        while (true)
        {
            if (!keys.HasMore)
            {
                Show(prompt, style, _buffer.Cursor);
            }

            var (key, text) = keys.Next();
            switch (key)
            {
                case LineKey.Enter when _buffer.Cursor == _buffer.Text.Length && _buffer.Text.EndsWith('\\'):
                    _buffer.Backspace();
                    _buffer.Insert("\n");
                    break;
                case LineKey.Enter:
                    Finish(prompt, style);
                    history.Add(_buffer.Text);
                    return (End.Line, _buffer.Text);
                case LineKey.Interrupt when _buffer.Text.Length == 0:
                    Finish(prompt, style);
                    return (End.Interrupted, "");
                case LineKey.Interrupt:
                    Finish(prompt, style);
                    _buffer.Set("");
                    _cursorRow = 0;
                    break;
                case LineKey.DeleteOrLeave when _buffer.Text.Length == 0:
                    Finish(prompt, style);
                    return (End.Left, "");
                case LineKey.Clear:
                    output.Steer("\u001b[H\u001b[2J");
                    _cursorRow = 0;
                    break;
                default:
                    Edit(key, text);
                    break;
            }
        }
    }

    private void Edit(LineKey key, string text)
    {
        switch (key)
        {
            case LineKey.Text: _buffer.Insert(text); break;
            case LineKey.NewLine: _buffer.Insert("\n"); break;
            case LineKey.Left: _buffer.Left(); break;
            case LineKey.Right: _buffer.Right(); break;
            case LineKey.WordLeft: _buffer.WordLeft(); break;
            case LineKey.WordRight: _buffer.WordRight(); break;
            case LineKey.Home: _buffer.Home(); break;
            case LineKey.End: _buffer.End(); break;
            case LineKey.Backspace: _buffer.Backspace(); break;
            case LineKey.Delete or LineKey.DeleteOrLeave: _buffer.Delete(); break;
            case LineKey.CutToHome: _buffer.CutToHome(); break;
            case LineKey.CutToEnd: _buffer.CutToEnd(); break;
            case LineKey.CutWord: _buffer.CutWord(); break;
            case LineKey.Paste: _buffer.Paste(); break;
            case LineKey.Up when _buffer.Up(): break;
            case LineKey.Down when _buffer.Down(): break;
            case LineKey.Up or LineKey.Older: Recall(history.Older(_buffer.Text)); break;
            case LineKey.Down or LineKey.Newer: Recall(history.Newer()); break;
            case LineKey.Complete: Complete(); break;
            default: break;
        }
    }

    private void Recall(string? entry)
    {
        if (entry is not null)
        {
            _buffer.Set(entry);
        }
    }

    /// <summary>Goes on with what all candidates have in common.</summary>
    private void Complete()
    {
        var candidates = _buffer.Cursor == _buffer.Text.Length ? complete(_buffer.Text) : [];
        if (candidates.Count == 0)
        {
            return;
        }

        var common = candidates.Aggregate((one, other) => one[..one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count()]);
        _buffer.Set(candidates.Count == 1 ? $"{common} " : common);
    }

    /// <summary>Shows the whole line, and leaves the cursor below it.</summary>
    private void Finish(string prompt, string style)
    {
        Show(prompt, style, _buffer.Text.Length);
        output.Steer("\r\n");
        output.Flush();
    }

    private void Show(string prompt, string style, int cursor)
    {
        var (width, height) = size();
        var shownPrompt = output.Shown(prompt);
        var indent = CellWidth.Of(shownPrompt);
        var layout = LineLayout.Of(_buffer.Text, cursor, indent, width, Math.Max(1, height - 1));
        output.Draw(drawn =>
        {
            drawn.Steer($"\r{Up(_cursorRow)}\u001b[J{style}");
            drawn.Write(shownPrompt);
            drawn.Steer(style.Length > 0 ? "\u001b[0m" : "");
            for (var row = 0; row < layout.Rows.Count; row++)
            {
                drawn.Steer(row > 0 ? "\r\n" + new string(' ', indent) : "");
                drawn.Write(layout.Rows[row]);
            }

            drawn.Steer($"{Up(layout.Rows.Count - 1 - layout.CursorRow)}\r");
            drawn.Steer(layout.CursorColumn > 0 ? $"\u001b[{layout.CursorColumn}C" : "");
        });
        _cursorRow = layout.CursorRow;
    }

    private static string Up(int rows) => rows > 0 ? $"\u001b[{rows}A" : "";
}
