using System.Text;

namespace Rebound.Cli.Terminal;

/// <summary>An edit of the line being typed.</summary>
internal enum LineKey
{
    /// <summary>Text, typed or pasted.</summary>
    Text,
    Enter,
    NewLine,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Up,
    Down,
    Older,
    Newer,
    Backspace,
    Delete,
    DeleteOrLeave,
    CutToHome,
    CutToEnd,
    CutWord,
    Paste,
    Complete,
    Clear,
    Interrupt,
    None,
}

/// <summary>
/// Reads what a person does from the keys of a terminal. A paste arrives as one text, between the marks that terminals put
/// around it (bracketed paste); on Windows, where there are none, an Enter with more keys behind it is part of a paste.
/// </summary>
/// <param name="read">Waits for a key.</param>
/// <param name="hasMore">Whether another key is there already.</param>
/// <param name="marksPastes">Whether the terminal marks pastes.</param>
internal sealed class LineKeys(Func<ConsoleKeyInfo> read, Func<bool> hasMore, bool marksPastes)
{
    public const string PasteMarksOn = "\u001b[?2004h";
    public const string PasteMarksOff = "\u001b[?2004l";

    private const char Escape = '\u001b';
    private const string PasteBegins = "[200~";
    private const string PasteEnds = "[201~";

    public bool HasMore => hasMore();

    /// <summary>The next thing done, with the text that it brings.</summary>
    public (LineKey Key, string Text) Next()
    {
        var key = read();
        if (IsEscape(key))
        {
            return AfterEscape(key);
        }

        if (key.Key == ConsoleKey.Enter && !marksPastes && hasMore())
        {
            return (LineKey.NewLine, "");
        }

        var known = Known(key);
        return known == LineKey.None && !char.IsControl(key.KeyChar) && key.KeyChar != '\0'
            ? (LineKey.Text, $"{key.KeyChar}")
            : (known, "");
    }

    private static LineKey Known(ConsoleKeyInfo key)
    {
        var (control, alt) = (key.Modifiers.HasFlag(ConsoleModifiers.Control), key.Modifiers.HasFlag(ConsoleModifiers.Alt));
        return key.Key switch
        {
            ConsoleKey.Enter => alt ? LineKey.NewLine : LineKey.Enter,
            ConsoleKey.LeftArrow => control || alt ? LineKey.WordLeft : LineKey.Left,
            ConsoleKey.RightArrow => control || alt ? LineKey.WordRight : LineKey.Right,
            ConsoleKey.UpArrow => LineKey.Up,
            ConsoleKey.DownArrow => LineKey.Down,
            ConsoleKey.Home => LineKey.Home,
            ConsoleKey.End => LineKey.End,
            ConsoleKey.Backspace => control || alt ? LineKey.CutWord : LineKey.Backspace,
            ConsoleKey.Delete => LineKey.Delete,
            ConsoleKey.Tab => LineKey.Complete,
            _ when control => WithControl(key.Key),
            _ when alt => WithAlt(key.Key),
            _ => LineKey.None,
        };
    }

    private static LineKey WithControl(ConsoleKey key) => key switch
    {
        ConsoleKey.A => LineKey.Home,
        ConsoleKey.E => LineKey.End,
        ConsoleKey.B => LineKey.Left,
        ConsoleKey.F => LineKey.Right,
        ConsoleKey.H => LineKey.Backspace,
        ConsoleKey.D => LineKey.DeleteOrLeave,
        ConsoleKey.U => LineKey.CutToHome,
        ConsoleKey.K => LineKey.CutToEnd,
        ConsoleKey.W => LineKey.CutWord,
        ConsoleKey.Y => LineKey.Paste,
        ConsoleKey.P => LineKey.Older,
        ConsoleKey.N => LineKey.Newer,
        ConsoleKey.J => LineKey.Enter,
        ConsoleKey.L => LineKey.Clear,
        ConsoleKey.C => LineKey.Interrupt,
        _ => LineKey.None,
    };

    private static LineKey WithAlt(ConsoleKey key) => key switch
    {
        ConsoleKey.B => LineKey.WordLeft,
        ConsoleKey.F => LineKey.WordRight,
        _ => LineKey.None,
    };

    /// <summary>Escape by itself, or with the bracket that follows it read as Alt and a bracket.</summary>
    private static bool IsEscape(ConsoleKeyInfo key) =>
        key.KeyChar == Escape || (key.KeyChar == '[' && key.Modifiers.HasFlag(ConsoleModifiers.Alt));

    /// <summary>A paste, or a sequence of a key that is not known, which is read to its end and does nothing.</summary>
    private (LineKey Key, string Text) AfterEscape(ConsoleKeyInfo key)
    {
        var sequence = key.KeyChar == '[' ? "[" : "";
        while (hasMore() && !IsWhole(sequence))
        {
            sequence += read().KeyChar;
        }

        return sequence == PasteBegins ? (LineKey.Text, Pasted()) : (LineKey.None, "");
    }

    /// <summary>Whether a sequence has its last character: a letter or ~ after the bracket, or any one without it.</summary>
    private static bool IsWhole(string sequence) =>
        sequence.Length > 0 && (sequence[0] != '[' || (sequence.Length > 1 && sequence[^1] is >= '@' and <= '~'));

    private string Pasted()
    {
        var text = new StringBuilder();
        while (true)
        {
            var key = read();
            if (IsEscape(key))
            {
                var mark = key.KeyChar == '[' ? "[" : "";
                while (mark.Length < PasteEnds.Length && PasteEnds.StartsWith(mark, StringComparison.Ordinal))
                {
                    mark += read().KeyChar;
                }

                if (mark == PasteEnds)
                {
                    return text.ToString();
                }

                // An escape that ends no paste is none of the text's characters.
                continue;
            }

            text.Append(
                key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n'
                    ? "\n"
                    : key.KeyChar == '\t' ? "    "
                    : char.IsControl(key.KeyChar) ? ""
                    : $"{key.KeyChar}");
        }
    }
}
