using System.Diagnostics;

namespace Rebound.Cli.Tests;

/// <summary>A command that goes on while a test does something to it.</summary>
internal sealed class RunningProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _said = [];
    private int _printed;

    public RunningProcess(params string[] arguments)
        : this(arguments, keepsInputOpen: false)
    {
    }

    /// <param name="keepsInputOpen">Whether it waits when it reads standard input.</param>
    public RunningProcess(string[] arguments, bool keepsInputOpen)
    {
        // Tests that run in the background of a shell pass on that signals are ignored.
        string[] line = [.. OperatingSystem.IsLinux() ? ["env", "--default-signal=INT,HUP,TERM"] : Array.Empty<string>(), "dotnet",
            ReboundProcess.Program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = keepsInputOpen,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Interlocked.Add(ref _printed, line.Data is null ? 0 : 1);
        _process.BeginOutputReadLine();
    }

    /// <summary>All that it has said on standard error so far.</summary>
    public string Said => string.Join('\n', _said);

    public int ExitCode => _process.ExitCode;

    /// <summary>How many lines it has printed on standard output so far.</summary>
    public int Printed => Volatile.Read(ref _printed);

    /// <summary>Gives it a line of standard input.</summary>
    public async Task TypeAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>Waits for a line of standard error with these words; false if it ends without.</summary>
    public async Task<bool> SaysAsync(string words)
    {
        while (await _process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            _said.Add(line);
            if (line.Contains(words, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    public void Kill() => _process.Kill();

    public Task InterruptAsync() => SignalAsync("INT");

    /// <param name="name">As <c>kill</c> takes it, for example TERM.</param>
    public async Task SignalAsync(string name)
    {
        using var signal = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await signal.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Reads what it still says, and waits for its end.</summary>
    public async Task EndAsync()
    {
        while (await _process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            _said.Add(line);
        }

        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
