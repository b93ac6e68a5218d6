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

    private readonly Process _process;
    private readonly BoundedStream _output;

    private McpProcess(Process process, long longestMessage)
    {
        _process = process;
        _output = new BoundedStream(process.StandardOutput.BaseStream, longestMessage, linewise: true, "a message of the server");
        Transport = new StreamClientTransport(process.StandardInput.BaseStream, _output);

        // Nobody reads what it says there, but it must not wait for a reader.
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
    }

    public IClientTransport Transport { get; }

    /// <summary>Why nothing more is read of it; null where it is.</summary>
    public InvalidDataException? Excess => _output.Excess;

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public static McpProcess Start(string command, IReadOnlyList<string> arguments, long longestMessage)
    {
        // On Windows many servers are started by scripts, which only the shell finds by name.
        string[] line = OperatingSystem.IsWindows() ? ["cmd.exe", "/c", command, .. arguments] : [command, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables())
        {
            start.Environment[name] = value;
        }

        return new McpProcess(Process.Start(start)!, longestMessage);
    }

    /// <summary>Ends it: asked by the end of its input, and then by force.</summary>
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
