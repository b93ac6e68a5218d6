namespace Rebound.Cli.Terminal;

/// <summary>Reads where waiting may take for ever: what cannot be woken is left behind when the command is interrupted.</summary>
internal sealed class InterruptibleReader(TextReader reader) : TextReader
{
    /// <exception cref="OperationCanceledException">The command is interrupted.</exception>
    public static T Wait<T>(Func<T> read) => Task.Run(read).WaitAsync(StandardStreams.Interrupted).GetAwaiter().GetResult();

    public override int Peek() => Wait(reader.Peek);

    public override int Read() => Wait(reader.Read);

    public override int Read(char[] buffer, int index, int count) => Wait(() => reader.Read(buffer, index, count));

    public override string? ReadLine() => Wait(reader.ReadLine);

    public override string ReadToEnd() => Wait(reader.ReadToEnd);
}
