using Microsoft.Win32.SafeHandles;

namespace Rebound.Cli.Terminal;

/// <summary>
/// The process's standard streams. <see cref="Open"/> puts them in the place of the console's own, so that whatever writes goes
/// through <see cref="TerminalWriter"/>.
/// </summary>
internal static class StandardStreams
{
    /// <summary>O_CLOEXEC among a descriptor's flags on Linux: such a one was not inherited.</summary>
    private const int ClosedOnExec = 0x80000;

    /// <summary>Results.</summary>
    public static TerminalWriter Output { get; } = new(
        IsClosed(1) ? new ClosedWriter() : PipeOr(1, Console.IsOutputRedirected, Console.Out),
        !Console.IsOutputRedirected, "Standard output");

    /// <summary>Progress, notes and errors.</summary>
    public static TerminalWriter Error { get; } = new(
        IsClosed(2) ? TextWriter.Null : Console.Error, !Console.IsErrorRedirected, name: null);

    /// <summary>Standard input; <see cref="Interrupted"/> cancels a read that waits.</summary>
    /// <exception cref="InputException">It was closed when the process began.</exception>
    public static TextReader Input => field ??= IsClosed(0) ? throw Closed() : new InterruptibleReader(Console.In);

    /// <summary>Set by the running command's interruption.</summary>
    public static CancellationToken Interrupted { get; set; }

    /// <summary>The bytes of standard input.</summary>
    /// <exception cref="InputException">It was closed when the process began.</exception>
    public static Stream OpenInput() => IsClosed(0) ? throw Closed() : Console.OpenStandardInput();

    /// <summary>To be called before anything is written.</summary>
    public static void Open()
    {
        Console.SetOut(Output);
        Console.SetError(Error);
    }

    private static InputException Closed() => new("Standard input is closed.");

    /// <summary>
    /// Whether a standard stream was closed when the process began. The runtime's own files have taken its number by now; they
    /// would be closed for a child, which an inherited one is not. Known on Linux alone.
    /// </summary>
    private static bool IsClosed(int descriptor)
    {
        try
        {
            var flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").FirstOrDefault(line =>
                line.StartsWith("flags:", StringComparison.Ordinal));
            return flags is not null && (Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & ClosedOnExec) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return OperatingSystem.IsLinux() && e is FileNotFoundException;
        }
    }

    /// <summary>
    /// The console passes over a pipe whose reader left, and work for nobody would go on; a stream of its own says so. Files
    /// stay the console's, which appends where another process of the same script wrote before.
    /// </summary>
    private static TextWriter PipeOr(int descriptor, bool isRedirected, TextWriter console)
    {
        if (!isRedirected || OperatingSystem.IsWindows())
        {
            return console;
        }

        var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? console : new StreamWriter(stream, console.Encoding, bufferSize: 4096) { AutoFlush = true };
    }
}
