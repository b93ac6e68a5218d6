using System.Diagnostics;
using System.Runtime.InteropServices;
using Rebound.Cli.Terminal;

namespace Rebound.Cli;

/// <summary>
/// Ctrl-C, the request to terminate, a batch system's warning, and a terminal that went away: the first asks the work to stop; work
/// that has not within five seconds is ended, unless it is known to be saving. A second one finds the default handling and ends the
/// process. Work that can be stopped in part takes Ctrl-C for itself.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly CommandTerminal _terminal;
    private readonly PosixSignalRegistration[] _signals;
    private readonly Lock _lock = new();
    private Action? _taker;
    private int _saving;
    private bool _isOver;

    public Interruption(CommandTerminal terminal)
    {
        _terminal = terminal;
        StandardStreams.Interrupted = _stop.Token;
        _signals =
        [
            // A signal that is ignored, as nohup has it, stays ignored: the runtime sees to that.
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Handle(signal, isTakable: true)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Handle(signal, isTakable: false)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => Handle(signal, isTakable: false)),
            .. Warning is { } warning
                ? new[] { PosixSignalRegistration.Create(warning, signal => Handle(signal, isTakable: false)) }
                : [],
        ];
    }

    /// <summary>
    /// SIGUSR1, which batch systems send ahead of a job's time limit; .NET knows it by the system's number alone. Null: there is none.
    /// </summary>
    private static PosixSignal? Warning =>
        OperatingSystem.IsLinux() ? (PosixSignal)10 : OperatingSystem.IsMacOS() ? (PosixSignal)30 : null;

    public CancellationToken Token => _stop.Token;

    /// <summary>Lets Ctrl-C do this alone, until the result is disposed; it is not called after that.</summary>
    public IDisposable Take(Action taker)
    {
        lock (_lock)
        {
            _taker = taker;
        }

        return new Scope(this, () => _taker = null);
    }

    /// <summary>
    /// Until the result is disposed the work is known to look at <see cref="Token"/>, and to save what it has before it ends: it is
    /// given the time that it takes.
    /// </summary>
    public IDisposable Saving()
    {
        lock (_lock)
        {
            _saving++;
        }

        return new Scope(this, () => _saving--);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
        }

        Array.ForEach(_signals, signal => signal.Dispose());
        _stop.Dispose();
    }

    /// <summary>Asks the work to stop, as the request to terminate does; a second time does nothing.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested || _isOver)
            {
                return;
            }
        }

        Begin(PosixSignal.SIGTERM);
    }

    private void Handle(PosixSignalContext signal, bool isTakable)
    {
        lock (_lock)
        {
            if (isTakable && _taker is { } taker)
            {
                signal.Cancel = true;
                taker();
                return;
            }

            signal.Cancel = !_stop.IsCancellationRequested && !_isOver;
        }

        if (signal.Cancel)
        {
            Begin(signal.Signal);
        }
    }

    private void Begin(PosixSignal signal)
    {
        _terminal.Note("Stopping; Ctrl-C again ends at once.");
        new Thread(() => Watch(ExitCode.Of(signal))) { IsBackground = true }.Start();
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work ended in this moment.
        }
    }

    /// <summary>Ends the process if the work neither stops nor saves for as long as it is waited for.</summary>
    private void Watch(int exitCode)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience)
        {
            Thread.Sleep(Glance);
            lock (_lock)
            {
                if (_isOver)
                {
                    return;
                }

                if (_saving > 0)
                {
                    clock.Restart();
                }
            }
        }

        _terminal.Error($"The work did not stop within {Patience.TotalSeconds:0} seconds and was ended; what had been saved is kept.");
        Environment.Exit(exitCode);
    }

    private sealed class Scope(Interruption interruption, Action end) : IDisposable
    {
        public void Dispose()
        {
            lock (interruption._lock)
            {
                end();
            }
        }
    }
}
