using Rebound.Agents.Chat;
using Rebound.Cli.Terminal;

namespace Rebound.Cli.Chat;

/// <summary>Lines that a person edits at a terminal. Ctrl-C is a key there, and twice on an empty line it leaves.</summary>
internal sealed class TerminalLines : IChatLines
{
    private readonly CommandTerminal _terminal;
    private readonly LineHistory _history = new(LineHistory.DefaultPath("chat-history"));
    private readonly LineEditor _editor;
    private bool _toldProblem;

    public TerminalLines(CommandTerminal terminal)
    {
        _terminal = terminal;
        var keys = new LineKeys(
            () => InterruptibleReader.Wait(() => Console.ReadKey(intercept: true)), () => Console.KeyAvailable,
            marksPastes: !OperatingSystem.IsWindows());
        _editor = new LineEditor(keys, terminal.Output, _history, () => (TerminalStyle.Width, TerminalStyle.Height), SlashCommand.Complete);
    }

    public string? Next(string prompt, string style)
    {
        for (var interrupted = false; ; interrupted = true)
        {
            var (end, line) = Read(prompt, style);
            TellProblem();
            if (end == LineEditor.End.Line)
            {
                return line;
            }

            if (end == LineEditor.End.Left || interrupted)
            {
                return null;
            }

            _terminal.Note("Ctrl-C again, or Ctrl-D, leaves.");
        }
    }

    private (LineEditor.End End, string Line) Read(string prompt, string style)
    {
        Console.TreatControlCAsInput = true;
        _terminal.Output.Steer(LineKeys.PasteMarksOn);
        _terminal.Typing(() => _terminal.Output.WriteLine());
        try
        {
            return _editor.Read(prompt, style);
        }
        finally
        {
            _terminal.Typing(null);
            _terminal.Output.Steer(LineKeys.PasteMarksOff);
            _terminal.Output.Flush();
            Console.TreatControlCAsInput = false;
        }
    }

    private void TellProblem()
    {
        if (_history.Problem is { } problem && !_toldProblem)
        {
            _toldProblem = true;
            _terminal.Note($"What is typed is not kept for the next time: {problem}");
        }
    }
}
