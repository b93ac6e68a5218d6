using System.Diagnostics;

namespace Rebound.Cli.Ranks;

/// <summary>
/// The other ranks of this host, as processes of the same command that this one starts. When one of them ends before its time, all do:
/// each learns of it over its connection, and this process sees to those that do not.
/// </summary>
internal sealed class RankProcesses : IDisposable
{
    /// <summary>How long ranks of a run that failed are waited for before they are ended.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _oneEnded = new();
    private readonly List<RankProcess> _processes = [];
    private readonly CancellationTokenRegistration _stop;

    /// <summary>Starts them.</summary>
    /// <param name="plan">Of this rank, the first of its host.</param>
    /// <param name="port">Where ranks meet.</param>
    /// <param name="listener">Takes each line that a rank says on standard error; null for nobody.</param>
    /// <param name="interrupted">When this process is asked to stop, so are the others.</param>
    public RankProcesses(RankPlan plan, int port, Action<int, string>? listener, CancellationToken interrupted)
    {
        try
        {
            for (var localRank = 1; localRank < plan.LocalSize; localRank++)
            {
                var rank = plan.Rank + localRank;
                _processes.Add(new RankProcess(
                    rank, RankProgram.Start(plan, localRank, port), listener is null ? null : line => listener(rank, line),
                    _ => _oneEnded.Cancel()));
            }
        }
        catch
        {
            EndAll();
            throw;
        }

        _stop = interrupted.Register(() => _processes.ForEach(process => process.AskToStop()));
    }

    /// <summary>Cancelled when one has ended.</summary>
    public CancellationToken OneEnded => _oneEnded.Token;

    /// <summary>The first by rank that ended with a failure; null where none has.</summary>
    public RankProcess? Failed => _processes.Find(process => process.HasEnded && process.ExitCode != 0);

    /// <summary>The process of a rank; null where it is not one of these.</summary>
    public RankProcess? OfRank(int rank) => _processes.Find(process => process.Rank == rank);

    /// <summary>Waits until all have ended.</summary>
    /// <param name="isFailed">Whether the run failed: those that do not end soon are ended then.</param>
    /// <returns>The exit code of the first by rank that failed; else 0.</returns>
    public int AwaitEnd(bool isFailed)
    {
        var clock = Stopwatch.StartNew();
        foreach (var process in _processes)
        {
            var left = EndPatience - clock.Elapsed;
            if (!process.AwaitEnd(!isFailed ? Timeout.InfiniteTimeSpan : left > TimeSpan.Zero ? left : TimeSpan.Zero))
            {
                process.Kill();
                process.AwaitEnd(EndPatience);
            }
        }

        return Failed?.ExitCode ?? 0;
    }

    public void Dispose()
    {
        _stop.Dispose();
        EndAll();
    }

    private void EndAll()
    {
        foreach (var process in _processes)
        {
            if (!process.HasEnded)
            {
                process.Kill();
            }

            process.Dispose();
        }
    }
}
