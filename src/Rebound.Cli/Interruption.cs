using System.Runtime.InteropServices;
using Rebound.Cli.Terminal;

namespace Rebound.Cli;

/// <summary>
/// Ctrl-C and the request to terminate: the first asks the work to stop, a second one finds the default handling and ends
/// the process. Work that can be stopped in part takes Ctrl-C for itself.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CommandTerminal _terminal;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly Lock _lock = new();
    private Action? _taker;

    public Interruption(CommandTerminal terminal)
    {
        _terminal = terminal;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Handle(signal, isTakable: true));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Handle(signal, isTakable: false));
    }

    public CancellationToken Token => _stop.Token;

    /// <summary>Lets Ctrl-C do this alone, until the result is disposed; it is not called after that.</summary>
    public IDisposable Take(Action taker)
    {
        lock (_lock)
        {
            _taker = taker;
        }

        return new Taken(this);
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
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
        }

        signal.Cancel = !_stop.IsCancellationRequested;
        if (signal.Cancel)
        {
            _terminal.Note("Stopping; Ctrl-C again ends at once.");
            _stop.Cancel();
        }
    }

    private sealed class Taken(Interruption interruption) : IDisposable
    {
        public void Dispose()
        {
            lock (interruption._lock)
            {
                interruption._taker = null;
            }
        }
    }
}
