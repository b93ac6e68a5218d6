using System.Diagnostics;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Rebound.Agents.Tools;

/// <summary>
/// A server of tools as a process of its own, spoken to through its standard input and output. It is not the transport of the
/// protocol's package, since that reads a line of any length.
/// </summary>
internal sealed class McpProcess : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly BoundedStream _output;
    private readonly ErrorLines _errors;

    private McpProcess(Process process, long longestMessage, Action<string>? onError)
    {
        (_process, _errors) = (process, new ErrorLines(process.StandardError, onError));
        _output = new BoundedStream(process.StandardOutput.BaseStream, longestMessage, linewise: true, "a message of the server");
        Transport = new StreamClientTransport(process.StandardInput.BaseStream, _output);
    }

    public IClientTransport Transport { get; }

    /// <summary>Why nothing more is read of it; null where it is.</summary>
    public InvalidDataException? Excess => _output.Excess;

    public bool HasExited => _process.HasExited;

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static McpProcess Start(string command, IReadOnlyList<string> arguments, McpStartOptions options) => new(
        Process.Start(ChildProcess.Describe([command, .. arguments], options.Environment))!,
        options.Limits.LongestMessage, options.OnError);

    /// <summary>How it ended, if it did, once what it wrote last is read.</summary>
    /// <returns>A clause such as <c>it ended with exit code 3</c>, null where it still runs, and its last lines.</returns>
    public async Task<(string? End, string Said)> LastWordsAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(LastWordsPatience);
            await _process.WaitForExitAsync(limit.Token);
            await _errors.EndAsync(LastWordsPatience);
        }
        catch (OperationCanceledException)
        {
            return (null, _errors.Told());
        }

        return ($"it ended with exit code {_process.ExitCode}", _errors.Told());
    }

    /// <summary>Ends the process: by closing its input, and then by force.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var limit = new CancellationTokenSource(ShutdownPatience);
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
