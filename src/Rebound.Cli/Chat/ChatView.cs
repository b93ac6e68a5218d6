using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Cli.Terminal;
using Rebound.Files.Messages;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Chat;

/// <summary>Shows a chat: turns as they are written, their parts in colours where those are welcome, and plain text elsewhere.</summary>
/// <param name="terminal">Null where the output goes to a file or a pipe: nothing is wrapped, coloured or taken back there.</param>
/// <param name="colours">Whether colours and waiting marks are welcome.</param>
internal sealed class ChatView(TerminalWriter output, Func<int>? terminal, bool colours) : IChatView
{
    private const string Reset = "\u001b[0m";
    private const string Dim = "\u001b[2m";
    private const string Red = "\u001b[31m";
    private const string Answer = "\u001b[1;32m";
    private const string Waiting = "…";

    private readonly WordWrap? _wrap = terminal is null ? null : new WordWrap(terminal);
    private TurnPieces _pieces = new();
    private string _style = "";
    private bool _waits;
    private bool _reasons;
    private char _last = '\n';

    public void Asked()
    {
        _pieces = new TurnPieces();
        if (colours)
        {
            output.WriteStyled(Waiting, "2");
            output.Flush();
            _waits = true;
        }
    }

    public void Wrote(string text) => Show(_pieces.Append(text));

    public void Reasoned(string text)
    {
        Write(text, Dim);
        _reasons = true;
        output.Flush();
    }

    public void WroteReasoning()
    {
        Show(_pieces.Flush());
        EndLine();
        _pieces = new TurnPieces();
        Write("(So far that was reasoning.)", Dim);
        EndLine();
    }

    public void Said(Turn turn)
    {
        Show(_pieces.Flush());
        EndLine();
        foreach (var call in turn.ToolCalls)
        {
            Write("Call: ", "\u001b[1;33m");
            Write($"{call.Name} {call.Arguments}", "\u001b[33m");
            EndLine();
        }
    }

    public void Observed(Turn turn)
    {
        if (turn.Content is AgentLoop.Finished or AgentLoop.FinishResult)
        {
            return;
        }

        if (turn.Role == Roles.Tool)
        {
            Write("Result: ", "\u001b[1;36m");
            Write(turn.Content, "\u001b[36m");
            EndLine();
        }
        else
        {
            var (label, text) = turn.Content.Split(':', 2) is [var before, var after] ? ($"{before}:", after) : ("", turn.Content);
            Write(label, "\u001b[1;36m");
            Write(text, "\u001b[36m");
            EndLine();
        }
    }

    public void Show(ChatExchange exchange, bool hasTools)
    {
        if (hasTools && exchange.Answer is { } answer && exchange.Turns[^1] is not { Role: Roles.Assistant, ToolCalls.Count: 0 })
        {
            Write($"Answer: {answer}", Answer);
            EndLine();
        }

        if (exchange.Cause is { } cause)
        {
            Write($"Failed, {cause.Name()}", Red);
            Write(exchange.Detail is { } detail ? $": {detail}" : ".", Red);
            EndLine();
        }

        if (terminal is not null && exchange.OutputTokens > 0)
        {
            var turns = exchange.Turns.Count(turn => turn.Loss);
            Write(
                $"{(hasTools ? $"{CountText.Of(turns, "turn")}, " : "")}{CountText.Of(exchange.OutputTokens, "token")} in "
                    + $"{DurationText.Of(exchange.Duration)}",
                Dim);
            EndLine();
        }

        Write("\n", "");
        EndLine();
    }

    public void Stopped()
    {
        Show(_pieces.Flush());
        EndLine();
        Write("Stopped; /retry asks again.\n", Dim);
        EndLine();
    }

    public void Reply(string text)
    {
        Write(text + "\n", "");
        EndLine();
    }

    private void Show(IReadOnlyList<TurnPiece> pieces)
    {
        if (_reasons && pieces.Count > 0)
        {
            EndLine();
            _reasons = false;
        }

        foreach (var piece in pieces)
        {
            Write(piece.Text, (piece.Part, piece.IsLabel) switch
            {
                (TurnPart.Thought, true) => "\u001b[1;34m",
                (TurnPart.Action, true) => "\u001b[1;33m",
                (TurnPart.Action, false) => "\u001b[33m",
                _ => "",
            });
        }

        output.Flush();
    }

    private void Write(string text, string style)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_waits)
        {
            output.Steer("\r\u001b[K");
            _waits = false;
        }

        if (_wrap is null)
        {
            Put(text);
            return;
        }

        if (colours && style != _style)
        {
            Put(_wrap.Flush());
            output.Steer(_style.Length > 0 ? Reset + style : style);
            _style = style;
        }

        Put(_wrap.Append(output.Shown(text)));
    }

    /// <summary>Ends the line that is begun, and the colour.</summary>
    private void EndLine()
    {
        Put(_wrap?.Flush() ?? "");
        if (_style.Length > 0)
        {
            output.Steer(Reset);
            _style = "";
        }

        if (_last != '\n')
        {
            Put(_wrap?.Append("\n") ?? "\n");
        }

        output.Flush();
    }

    private void Put(string text)
    {
        output.Write(text);
        _last = text.Length > 0 ? text[^1] : _last;
    }
}
