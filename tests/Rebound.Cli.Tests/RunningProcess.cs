using System.Diagnostics;

namespace Rebound.Cli.Tests;

/// <summary>A command that goes on while a test does something to it. After five minutes it is ended, and says so.</summary>
internal sealed class RunningProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Timer _limit;
    private readonly List<string> _said = [];
    private int _printed;
    private volatile bool _isOver;

    public RunningProcess(params string[] arguments)
        : this(arguments, keepsInputOpen: false)
    {
    }

    /// <param name="keepsInputOpen">Whether it waits when it reads standard input.</param>
    public RunningProcess(string[] arguments, bool keepsInputOpen, IReadOnlyDictionary<string, string>? environment = null)
    {
        // Tests that run in the background of a shell pass on that signals are ignored.
        string[] line = [.. OperatingSystem.IsLinux() ? ["env", "--default-signal=INT,HUP,TERM"] : Array.Empty<string>(), "dotnet",
            ReboundProcess.Program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        if (!keepsInputOpen)
        {
            _process.StandardInput.Close();
        }

        _process.OutputDataReceived += (_, line) => Interlocked.Add(ref _printed, line.Data is null ? 0 : 1);
        _process.BeginOutputReadLine();
        _limit = new Timer(_ => End(), null, Limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>All that it has said on standard error so far.</summary>
    public string Said =>
        string.Join('\n', _isOver ? [.. _said, $"(It was ended, since it ran for {Limit.TotalMinutes} minutes.)"] : _said);

    public int ExitCode => _process.ExitCode;

    public int Id => _process.Id;

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
        while (await LineAsync() is { } line)
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
    public Task SignalAsync(string name)
    {
        FinishedProcess.Of(new ProcessStartInfo("kill", [$"-{name}", $"{_process.Id}"]), "kill");
        return Task.CompletedTask;
    }

    /// <summary>Reads what it still says, and waits for its end.</summary>
    public async Task EndAsync()
    {
        while (await LineAsync() is { } line)
        {
            _said.Add(line);
        }

        await Soon(_process.WaitForExitAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        _limit.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void End()
    {
        _isOver = true;
        _process.Kill(entireProcessTree: true);
    }

    /// <summary>Its next line on standard error; null when there is none any more.</summary>
    private async Task<string?> LineAsync()
    {
        var line = _process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
        await Soon(line);
        return await line;
    }

    /// <summary>Waits for longer than it may run: then something that it started holds its streams.</summary>
    private async Task Soon(Task task)
    {
        try
        {
            await task.WaitAsync(2 * Limit, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The streams of a process stay open after its end. It said: {Said}", e);
        }
    }
}
