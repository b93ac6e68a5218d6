using System.Diagnostics;

namespace Rebound.Cli.Ranks;

/// <summary>Another rank of this host, which this process started. Its last words are kept; rank 0 talks.</summary>
internal sealed class RankProcess : IDisposable
{
    private const int KeptLines = 20;

    /// <summary>How long one that has failed is given to end by itself.</summary>
    private static readonly TimeSpan FailurePatience = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly Queue<string> _lastWords = new();
    private readonly Action<string>? _listener;

    /// <param name="listener">Takes each line that it says on standard error; null for nobody.</param>
    /// <param name="ended">Called on another thread when it has ended.</param>
    public RankProcess(int rank, ProcessStartInfo start, Action<string>? listener, Action<RankProcess> ended)
    {
        (Rank, _listener) = (rank, listener);
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, _) => { }; // Results are rank 0's.
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => ended(this);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Rank { get; }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Its end in words, for example <c>ended with exit code 1: rebound: …</c>.</summary>
    public string End
    {
        get
        {
            var how = ExitCode > 128 ? $"was ended by signal {ExitCode - 128}" : $"ended with exit code {ExitCode}";
            string[] words;
            lock (_lastWords)
            {
                words = [.. _lastWords];
            }

            return words.Length == 0 ? how : $"{how}: {string.Join('\n', words)}";
        }
    }

    /// <summary>Its end, if a signal of somebody else ended it; it is ended if it has not been.</summary>
    public string? EndedBySignal()
    {
        if (AwaitEnd(FailurePatience))
        {
            return ExitCode > Cli.ExitCode.OfSignals ? End : null;
        }

        Kill();
        return null;
    }

    /// <summary>Asks it to stop, as a signal would.</summary>
    public void AskToStop()
    {
        try
        {
            _process.StandardInput.WriteLine(ParentWatch.Stop);
            _process.StandardInput.Flush();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It has ended.
        }
    }

    /// <summary>Waits for its end, and for all that it said.</summary>
    public bool AwaitEnd(TimeSpan patience)
    {
        if (!_process.WaitForExit(patience))
        {
            return false;
        }

        _process.WaitForExit();
        return true;
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended.
        }
    }

    public void Dispose() => _process.Dispose();

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastWords)
        {
            _lastWords.Enqueue(line);
            if (_lastWords.Count > KeptLines)
            {
                _lastWords.Dequeue();
            }
        }

        _listener?.Invoke(line);
    }
}
