using Rebound.Cli.Terminal;
using Rebound.Engine.Collectives;

namespace Rebound.Cli.Ranks;

/// <summary>
/// A command's work on every rank: starts the ranks of this host that nobody has started, brings all together, and sees to it that all
/// end when one does.
/// </summary>
internal sealed class RankSession
{
    private readonly RankPlan _plan;
    private readonly CommunicatorOptions _options;
    private readonly CommandTerminal _terminal;
    private readonly Interruption _interruption;

    /// <param name="plan">Of this process.</param>
    /// <param name="options">The times that ranks wait for each other.</param>
    public RankSession(RankPlan plan, CommunicatorOptions options, CommandTerminal terminal, Interruption interruption) =>
        (_plan, _options, _terminal, _interruption) = (plan, options, terminal, interruption);

    /// <summary>Everything that has to be the same on all ranks (<see cref="RankMembership.Facts"/>).</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>();

    /// <summary>The device that this rank is to compute on (<see cref="RankMembership.ComputeDevice"/>).</summary>
    public string ComputeDevice { get; init; } = "";

    /// <summary>Joins the other ranks and does the work with them.</summary>
    /// <param name="work">Returns the exit code.</param>
    /// <returns>The exit code of the work; 1 where another rank failed, which the lowest rank that is left has said.</returns>
    public int Run(Func<Communicator, int> work)
    {
        ParentWatch.Begin(_interruption);
        using var listener = _plan is { StartsLocalRanks: true, MasterPort: null } ? RankListener.OpenLocal() : null;
        var plan = listener is null
            ? _plan
            : _plan with { MasterPort = listener.Port, MasterOrigin = "chosen here", Job = $"{Guid.NewGuid():N}" };
        using var processes = plan.StartsLocalRanks ? Start(plan) : null;
        int exitCode;
        try
        {
            using var ranks = Join(plan, listener, processes);
            exitCode = Work(ranks, work, processes);
        }
        catch (RendezvousException e) when (e.IsTold && plan.Rank != 0 && !_terminal.Verbose)
        {
            return ExitCode.WrongInput; // Rank 0 says it.
        }
        catch
        {
            processes?.AwaitEnd(isFailed: true);
            throw;
        }

        var others = processes?.AwaitEnd(isFailed: exitCode == ExitCode.Failed) ?? ExitCode.Done;
        return exitCode == ExitCode.Done ? others : exitCode;
    }

    private RankProcesses Start(RankPlan plan)
    {
        Action<int, string>? listener = _terminal.Verbose ? (rank, line) => _terminal.Note($"rank {rank}: {line}") : null;
        return new RankProcesses(plan, plan.MasterPort!.Value, listener, _interruption.Token);
    }

    private Communicator Join(RankPlan plan, RankListener? listener, RankProcesses? processes)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            _interruption.Token, processes?.OneEnded ?? CancellationToken.None);
        try
        {
            var membership = plan.Membership() with { Facts = Facts, ComputeDevice = ComputeDevice, Listener = listener };
            return Rendezvous.Join(membership, _options, end.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or CommunicationException
            && !_interruption.Token.IsCancellationRequested && processes?.Failed is not null)
        {
            throw new CommunicationException(processes.Failed.Rank, $"{processes.Failed.End} (before the ranks had come together)");
        }
    }

    private int Work(Communicator ranks, Func<Communicator, int> work, RankProcesses? processes)
    {
        using var watch = new FailureWatch(ranks, failure => Tell(failure, processes));
        try
        {
            return work(ranks);
        }
        catch (CommunicationException e)
        {
            watch.IsOver();
            Tell(e, processes);
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            ranks.Abort(e is OperationCanceledException ? "it was asked to stop" : ErrorBoundary.Explain(e).Message);
            throw;
        }
    }

    /// <summary>
    /// Says a failure once for all ranks: on rank 0, or, where that is the one that failed, on rank 1. The process that failed is ended if
    /// it is still there.
    /// </summary>
    private void Tell(CommunicationException failure, RankProcesses? processes)
    {
        var end = processes?.OfRank(failure.Rank)?.EndedBySignal();
        if (_plan.Rank == (failure.Rank == 0 ? 1 : 0) || _terminal.Verbose)
        {
            _terminal.Error(end is null ? failure.Message : $"{failure.Message} It {end}.");
        }
    }
}
