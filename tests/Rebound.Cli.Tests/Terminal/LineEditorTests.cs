using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests.Terminal;

public sealed class LineEditorTests : IDisposable
{
    private const int Width = 24;
    private static readonly ConsoleKeyInfo Enter = new('\r', ConsoleKey.Enter, false, false, false);
    private static readonly string[] Commands = ["/condition", "/context", "/save"];

    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-lines-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("abc<", "ac", ConsoleKey.LeftArrow, ConsoleKey.Backspace)]
    [InlineData("abc", "xabc", ConsoleKey.Home, 'x')]
    [InlineData("abc", "abcx", ConsoleKey.Home, ConsoleKey.End, 'x')]
    [InlineData("abc", "bc", ConsoleKey.Home, ConsoleKey.Delete)]
    [InlineData("a cafe\u0301😀", "a caf", ConsoleKey.Backspace, ConsoleKey.Backspace)]
    [InlineData("one two three", "one two ", Ctrl.W)]
    [InlineData("one two three", "threeone two ", Ctrl.W, Ctrl.A, Ctrl.Y)]
    [InlineData("one two", "", Ctrl.U)]
    [InlineData("one two", "one ", Ctrl.LeftArrow, Ctrl.K)]
    [InlineData("one two", "one xtwo", Ctrl.LeftArrow, 'x')]
    [InlineData("ab", "xaby", Ctrl.A, 'x', Ctrl.E, 'y')]
    [InlineData("/sa", "/save f", ConsoleKey.Tab, 'f')]
    [InlineData("/co", "/cond", ConsoleKey.Tab, 'd')]
    [InlineData("what", "whatx", ConsoleKey.Tab, 'x')]
    [InlineData("lost", "kept", Ctrl.C, 'k', 'e', 'p', 't')]
    [InlineData("ab", "b", Ctrl.A, Ctrl.D)]
    public void A_line_is_edited(string typed, string expected, params object[] then)
    {
        var text = typed.TrimEnd('<');
        var (end, line, _) = Read([.. text.Select(Typed), .. then.Select(Key), Enter]);

        Assert.Equal((LineEditor.End.Line, expected), (end, line));
    }

    [Fact]
    public void A_paste_of_several_lines_is_one_line_to_be_edited_and_shown_at_every_width()
    {
        const string Pasted = "first line that is longer than the screen\nsecond";
        foreach (var width in new[] { 12, Width, 80 })
        {
            var (_, line, screen) = Read([.. Paste(Pasted), Typed('!'), Enter], width);

            Assert.Equal(Pasted + "!", line);
            var rows = screen.Text.TrimEnd('\n').Split('\n');
            Assert.Equal(
                LineLayout.Of(Pasted + "!", 0, indent: 2, width, height: 9).Rows.Select(row => row.TrimEnd()),
                rows.Select(row => row[2..]));
            Assert.Equal((rows.Length, 0), screen.Cursor);
        }
    }

    [Fact]
    public void A_paste_holds_no_keys()
    {
        var (_, line, _) = Read([.. Paste("a\tb\u0003\u0001c\r\nd"), Enter]);

        Assert.Equal("a    bc\n\nd", line);
    }

    [Fact]
    public void Lines_are_joined_by_a_backslash_or_alt_and_walked_with_the_arrows()
    {
        var (_, line, _) = Read(
            [.. "ab\\".Select(Typed), Enter, Typed('c'), new('\r', ConsoleKey.Enter, false, true, false), Typed('d'),
                Key(ConsoleKey.UpArrow), Key(ConsoleKey.UpArrow), Typed('x'), Enter]);

        Assert.Equal("axb\nc\nd", line);
    }

    [Fact]
    public void An_empty_line_ends_by_interruption_or_leaving()
    {
        Assert.Equal(LineEditor.End.Interrupted, Read([Key(Ctrl.C)]).End);
        Assert.Equal(LineEditor.End.Left, Read([Key(Ctrl.D)]).End);
    }

    [Fact]
    public void History_is_walked_and_kept_for_the_next_run()
    {
        var path = Path.Combine(_folder, "deep", "history");
        var first = new LineHistory(path);
        foreach (var line in new[] { "one", "two\nlines", "two\nlines", "  " })
        {
            first.Add(line);
        }

        var (_, older, _) = Read(
            [Typed('d'), Key(ConsoleKey.UpArrow), Key(Ctrl.P), Key(Ctrl.P), Key(Ctrl.P), Enter], history: new LineHistory(path));
        var (_, draft, _) = Read(
            [Typed('d'), Key(Ctrl.P), Key(Ctrl.P), Key(Ctrl.N), Key(Ctrl.N), Key(Ctrl.N), Enter], history: new LineHistory(path));

        Assert.Equal(("one", "d"), (older, draft));
        Assert.Equal(["one", "two\nlines", "one", "d"], new LineHistory(path).Entries);
    }

    [Fact]
    public void A_history_that_cannot_be_kept_is_told_and_used_all_the_same()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "\"a\"\nbroken\n\"b\"");
        var inFile = new LineHistory(Path.Combine(_folder, "file", "history"));
        inFile.Add("x");

        Assert.NotNull(inFile.Problem);
        Assert.Equal("x", inFile.Older(""));
        Assert.Equal(["a", "b"], new LineHistory(Path.Combine(_folder, "file")).Entries);
    }

    [Fact]
    public void A_text_higher_than_the_screen_shows_the_rows_around_the_cursor()
    {
        var text = string.Join('\n', Enumerable.Range(0, 50));

        var layout = LineLayout.Of(text, text.Length, indent: 2, width: 20, height: 5);

        Assert.Equal(["45", "46", "47", "48", "49"], layout.Rows);
        Assert.Equal((4, 4), (layout.CursorRow, layout.CursorColumn));
    }

    [Fact]
    public void Wide_characters_take_two_columns()
    {
        var layout = LineLayout.Of("漢字漢字", 2, indent: 2, width: 9, height: 5);

        Assert.Equal(["漢字漢", "字"], layout.Rows);
        Assert.Equal((0, 6), (layout.CursorRow, layout.CursorColumn));
    }

    private (LineEditor.End End, string Line, TestScreen Screen) Read(ConsoleKeyInfo[] keys, int width = Width, LineHistory? history = null)
    {
        var (screen, queue) = (new TestScreen(width), new Queue<ConsoleKeyInfo>(keys));

        // Every second question finds more keys there, so that what is typed and what is shown come in any order.
        var asked = 0;
        var editor = new LineEditor(
            new LineKeys(
                queue.Dequeue,
                () => queue.Count > 0 && (asked++ % 2 == 0 || queue.Peek().Modifiers == ConsoleModifiers.None), marksPastes: true),
            new TerminalWriter(screen, isTerminal: true, name: null), history ?? new LineHistory(null), () => (width, 10),
            text => [.. Commands.Where(name => text.StartsWith('/') && name.StartsWith(text))]);
        var (end, line) = editor.Read("> ", "\u001b[1m");
        Assert.Empty(queue);
        return (end, line, screen);
    }

    private static IEnumerable<ConsoleKeyInfo> Paste(string text) =>
        [new('\u001b', ConsoleKey.Escape, false, false, false), .. "[200~".Select(Typed), .. text.Select(Typed),
            new('[', ConsoleKey.Oem4, false, true, false), .. "201~".Select(Typed)];

    private static ConsoleKeyInfo Typed(char character) => new(
        character, character is '\r' or '\n' ? ConsoleKey.Enter : ConsoleKey.None, false, false, control: false);

    private static ConsoleKeyInfo Key(object key) => key switch
    {
        char character => Typed(character),
        ConsoleKey plain => new('\0', plain, false, false, false),
        Ctrl control => new('\0', Enum.Parse<ConsoleKey>(control.ToString()), false, false, control: true),
        _ => throw new ArgumentException($"{key} is no key."),
    };

    public enum Ctrl
    {
        A,
        C,
        D,
        E,
        K,
        N,
        P,
        U,
        W,
        Y,
        LeftArrow,
    }
}
