using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests.Terminal;

public sealed class TerminalWriterTests : IDisposable
{
    private readonly StringWriter _stream = new();

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void On_a_terminal_data_is_visible_and_the_programs_own_sequences_are_as_they_are()
    {
        var writer = Terminal();
        writer.WriteStyled("red\u001b[0m", "31");
        writer.Write('\u0007');
        writer.Write("ab\u001bc".ToCharArray(), 1, 2);
        writer.WriteLine("\u009b");
        writer.Steer("\r\u001b[K");

        Assert.Equal("\u001b[31mred␛[0m\u001b[0m␇b␛\\u009b\n\r\u001b[K", _stream.ToString());
    }

    [Fact]
    public void A_character_that_comes_in_two_pieces_is_one()
    {
        var writer = Terminal();
        foreach (var piece in new[] { "a\ud83d", "\ude00\r", "\nb\r", "c\r" })
        {
            writer.Write(piece);
            writer.Flush();
        }

        writer.Steer("\u001b[K");
        Assert.Equal("a😀\nb␍c␍\u001b[K", _stream.ToString());
    }

    [Fact]
    public void A_file_gets_the_text_as_it_is()
    {
        var writer = new TerminalWriter(_stream, isTerminal: false, "Standard output");
        writer.Write("a\u001b]0;x\u0007\r");
        writer.WriteLine("\ud83d");
        Assert.Equal("a\u001b]0;x\u0007\r\ud83d\n", _stream.ToString());
    }

    [Fact]
    public void What_is_drawn_arrives_in_one_piece()
    {
        var stream = new CountingWriter();
        new TerminalWriter(stream, isTerminal: true, name: null).Draw(drawn =>
        {
            drawn.Steer("\r");
            drawn.Write("\u001b");
        });
        Assert.Equal(["\r␛"], stream.Pieces);
    }

    [Fact]
    public void A_stream_that_fails_is_named_or_passed_over()
    {
        var full = Assert.Throws<IOException>(() => new TerminalWriter(new Failing(28), isTerminal: false, "Standard output").Write("a"));
        Assert.Equal("Standard output cannot be written: No space.", full.Message);
        Assert.Throws<ReaderLeftException>(() => new TerminalWriter(new Failing(32), isTerminal: false, "Standard output").Write("a"));
        new TerminalWriter(new Failing(28), isTerminal: true, name: null).WriteLine("a");
    }

    private TerminalWriter Terminal() => new(_stream, isTerminal: true, "Standard output");

    private sealed class CountingWriter : StringWriter
    {
        public List<string> Pieces { get; } = [];

        public override void Write(string? value) => Pieces.Add(value!);
    }

    private sealed class Failing(int error) : StringWriter
    {
        public override void Write(string? value) => throw new IOException("No space.", error);
    }
}
