using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Spectre.Console;

namespace Rebound.Cli.Terminal;

/// <summary>
/// Where a command's words go: results to standard output, notes, progress and errors to standard error. Redirected,
/// both are plain lines.
/// </summary>
internal sealed class CommandTerminal(bool quiet, bool verbose)
{
    private const string Name = "rebound: ";

    private Action? _clearProgress;

    public bool Quiet { get; } = quiet;

    public bool Verbose { get; } = verbose;

    /// <summary>Whether standard error is a terminal on which a line can be rewritten in place.</summary>
    public bool ShowsLiveProgress => !Quiet && TerminalStyle.Allowed(Console.IsErrorRedirected);

    /// <summary>Standard output as text, for results that are plain text.</summary>
    public TerminalWriter Output { get; } = StandardStreams.Output;

    private static TerminalWriter ErrorOutput => StandardStreams.Error;

    /// <summary>Prints a result: a table, a rule, styled text.</summary>
    public void Write(Spectre.Console.Rendering.IRenderable result)
    {
        using var piece = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = TerminalStyle.Allowed(Console.IsOutputRedirected) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(piece),
        });
        console.Profile.Width = TerminalStyle.OutputWidth;
        console.Pipeline.Attach(new VisibleSegments(Output));
        console.Write(result);
        Output.Steer(piece.ToString());
    }

    /// <summary>Prints a result in words.</summary>
    public void Say(string sentences) =>
        Output.WriteLine(LineFill.Filled(Output.Shown(sentences), Console.IsOutputRedirected ? LineFill.Unlimited : TerminalStyle.Width));

    /// <summary>Prints a machine-readable result.</summary>
    public void WriteJson(JsonNode result) => Output.WriteLine(result.ToJsonString(JsonOutput.Indented));

    /// <summary>Writes a JSON line for a watching program; a closed reader does not stop the work.</summary>
    public void Tell(JsonNode news)
    {
        try
        {
            Output.WriteLine(news.ToJsonString());
        }
        catch (ReaderLeftException)
        {
            // There is nobody to tell.
        }
    }

    /// <summary>Says on standard error how the work goes, unless <c>--quiet</c>.</summary>
    public void Note(string line)
    {
        if (!Quiet)
        {
            _clearProgress?.Invoke();
            ErrorOutput.WriteLine(LineFill.Filled(ErrorOutput.Shown(MessageText.Cut(line)), NoteWidth));
        }
    }

    /// <summary>Says on standard error what is wrong and does not stop the work, unless <c>--quiet</c>.</summary>
    public void Warn(IEnumerable<string> sentences)
    {
        foreach (var sentence in sentences)
        {
            Note($"Warning: {sentence}");
        }
    }

    /// <summary>Suggests the next command, on a line of its own so that it can be copied.</summary>
    /// <param name="purpose">Its purpose, for example <c>Talk to it</c>.</param>
    /// <param name="command">As typed; null for none.</param>
    public void Next(string purpose, string? command)
    {
        if (!Quiet && command is not null)
        {
            _clearProgress?.Invoke();
            ErrorOutput.WriteLine($"{purpose}: {command}");
        }
    }

    /// <summary>How long a line on standard error can be before it is broken: the terminal's width, if it is one.</summary>
    public static int NoteWidth => TerminalStyle.Allowed(Console.IsErrorRedirected) ? TerminalStyle.Width : LineFill.Unlimited;

    /// <summary>Says on standard error what is wrong.</summary>
    public void Error(string message)
    {
        _clearProgress?.Invoke();
        var line = LineFill.Filled($"{Name}{ErrorOutput.Shown(MessageText.Cut(message))}", NoteWidth);
        ErrorOutput.Draw(drawn =>
        {
            drawn.WriteStyled(Name.TrimEnd(), TerminalStyle.Allowed(Console.IsErrorRedirected) ? TerminalStyle.Red : "");
            drawn.WriteLine(line[Name.TrimEnd().Length..]);
        });
    }

    /// <summary>Shows how far long work is; disposing it leaves a last line.</summary>
    /// <param name="activity">The activity, for example <c>Generating</c>.</param>
    /// <param name="total">How much there is, or null if that is not known.</param>
    /// <param name="unit">The counted things, in the plural, for example <c>rows</c>.</param>
    public ProgressLine StartProgress(string activity, long? total, string unit)
    {
        var progress = new ProgressLine(activity, total, unit, Quiet ? null : ErrorOutput, ShowsLiveProgress);
        _clearProgress = progress.Clear;
        return progress;
    }

    /// <summary>Sets the action that leaves the line being typed before anything else is written; null when nobody is typing.</summary>
    public void Typing(Action? leave) => _clearProgress = leave;

    /// <summary>Lines on standard error that are rewritten in place.</summary>
    /// <param name="clear">Takes them away before anything else is written.</param>
    public LiveBlock StartBlock(Action clear)
    {
        _clearProgress = clear;
        return new LiveBlock(ErrorOutput, () => (TerminalStyle.Width, TerminalStyle.Height));
    }
}
