using System.Text;

namespace Rebound.Cli.Terminal;

/// <summary>
/// The one way to a standard stream. On a terminal what is written appears as <see cref="VisibleText"/>, so that nothing in a
/// file, in a model's answer or in a server's words steers it; what the program itself does to the terminal goes through
/// <see cref="Steer"/>. A file or a pipe gets the text as it is.
/// </summary>
/// <param name="stream">Writes at once, or when it is flushed.</param>
/// <param name="isTerminal">Whether a terminal is behind the stream.</param>
/// <param name="name">The stream's name where writing fails; null for one that may be lost without a
/// word, as there is nowhere to say it.</param>
internal sealed class TerminalWriter(TextWriter stream, bool isTerminal, string? name) : TextWriter
{
    /// <summary>EPIPE, which POSIX systems agree on.</summary>
    private const int BrokenPipe = 32;

    private readonly Lock _lock = new();

    /// <summary>
    /// The end of what was written, where only what follows tells what it is: a carriage return, half of a surrogate pair.
    /// </summary>
    private string _held = "";

    public override Encoding Encoding => stream.Encoding;

    /// <summary>Whether a terminal is behind it.</summary>
    public bool IsTerminal { get; } = isTerminal;

    /// <summary>The text as this stream shows it, for those who measure it before they write it.</summary>
    public string Shown(string text) => IsTerminal ? VisibleText.Of(text) : text;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    /// <exception cref="ReaderLeftException">Nobody reads any more.</exception>
    /// <exception cref="IOException">The text cannot be written.</exception>
    public override void Write(string? value)
    {
        lock (_lock)
        {
            if (!IsTerminal)
            {
                Put(value ?? "");
                return;
            }

            var text = _held + value;
            var whole = text.Length > 0 && (text[^1] == '\r' || char.IsHighSurrogate(text[^1])) ? text.Length - 1 : text.Length;
            _held = text[whole..];
            Put(VisibleText.Of(text[..whole]));
        }
    }

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

    /// <summary>Writes what moves the cursor, clears or colours: escape sequences of the program's own.</summary>
    public void Steer(string sequence)
    {
        lock (_lock)
        {
            Put(VisibleText.Of(_held));
            _held = "";
            Put(sequence);
        }
    }

    /// <summary>Writes text in a style, where there is one.</summary>
    /// <param name="style">The number of the escape sequence (SGR); empty for plain text.</param>
    public void WriteStyled(string text, string style)
    {
        if (style.Length == 0 || text.Length == 0)
        {
            Write(text);
            return;
        }

        lock (_lock)
        {
            Steer($"\u001b[{style}m");
            Write(text);
            Steer("\u001b[0m");
        }
    }

    /// <summary>Writes a drawing in one piece, so that no partial one is visible.</summary>
    public void Draw(Action<TerminalWriter> draw)
    {
        using var piece = new StringWriter();
        using var drawn = new TerminalWriter(piece, IsTerminal, name);
        draw(drawn);
        Steer(piece.ToString());
        Flush();
    }

    public override void Flush()
    {
        lock (_lock)
        {
            Try(stream.Flush);
        }
    }

    private void Put(string text)
    {
        if (text.Length > 0)
        {
            Try(() => stream.Write(text));
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e) when (e.HResult == BrokenPipe && name is not null)
        {
            throw new ReaderLeftException(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (name is not null)
            {
                throw new IOException($"{name} cannot be written: {e.Message.TrimEnd('.')}.", e);
            }
        }
    }
}
