using Rebound.Cli.Terminal;
using Rebound.Engine.Collectives;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Ranks;

/// <summary>Wrong settings of a command that a launcher started on every rank: rank 0 says them, for all.</summary>
internal static class RankRefusal
{
    /// <summary>Ranks that cannot begin do not wait for long for others that may.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Prepares a command and, where its settings are right, runs it.</summary>
    /// <returns>The exit code.</returns>
    public static int Guard<T>(CommandTerminal terminal, Func<T> prepare, Func<T, int> run)
    {
        T prepared;
        try
        {
            prepared = prepare();
        }
        catch (Exception e) when (ErrorBoundary.Explain(e).ExitCode == ExitCode.WrongInput && !terminal.Verbose)
        {
            return Tell(terminal, ErrorBoundary.Explain(e).Message);
        }

        return run(prepared);
    }

    /// <summary>Says why the command cannot be run: on rank 0, which the others tell, or where no other rank is found.</summary>
    public static int Tell(CommandTerminal terminal, string problem)
    {
        if (Find() is { } plan)
        {
            try
            {
                Rendezvous.Join(plan.Membership() with { Problem = problem }, new() { RendezvousTimeout = Patience }).Dispose();
            }
            catch (RendezvousException e) when (e.IsTold)
            {
                problem = plan.Rank == 0 ? e.Message : "";
            }
            catch (Exception e) when (e is RendezvousException or CommunicationException)
            {
                // Nobody else says it.
            }
        }

        if (problem.Length > 0)
        {
            terminal.Error(problem);
        }

        return ExitCode.WrongInput;
    }

    /// <summary>This process as a launcher's variables have it, whatever options say; null: it was not started as one of several.</summary>
    private static RankPlan? Find()
    {
        try
        {
            var plan = RankResolution.Resolve(RankProgram.Variables(), new RankSettings(), CudaRuntime.Find().Devices.Found.Count);
            return plan is { IsSeveral: true, StartsLocalRanks: false } ? plan : null;
        }
        catch (InputException)
        {
            return null;
        }
    }
}
