namespace Rebound.Cli.Ranks;

/// <summary>
/// Which rank this process is: from the first launcher whose variables are there, with options in the place of its words, or from
/// options alone.
/// </summary>
internal static class RankResolution
{
    /// <param name="variables">The environment.</param>
    /// <param name="gpus">GPUs of this host, of which each gets a rank where nobody says how many ranks a host has.</param>
    /// <exception cref="InputException">Variables or options do not go together.</exception>
    public static RankPlan Resolve(IReadOnlyDictionary<string, string> variables, RankSettings settings, int gpus)
    {
        var launch = Launchers.Find(new LauncherVariables(variables));
        if (launch is { NeedsNodes: true } && settings.Nodes is null)
        {
            launch = null;
        }

        return launch switch
        {
            { Ranks: { } ranks } when IsHost(ranks, settings) => OfHost(
                launch with { Nodes = ranks.Size, NodeRank = ranks.Rank }, settings, gpus),
            { Ranks: { } ranks } => OfRank(launch, ranks, settings),
            null when !settings.AsksForRanks => RankPlan.Single,
            _ => OfHost(launch ?? new Launch("options"), settings, gpus),
        };
    }

    /// <summary>A launcher that started one process a host may leave the host's other ranks to it.</summary>
    private static bool IsHost(LaunchedRank ranks, RankSettings settings) =>
        settings.LocalSize > 1 && (ranks.LocalSize == 1 || ranks.Size == 1);

    /// <summary>The launcher started every rank: options may say where they meet, and no other number than it has.</summary>
    private static RankPlan OfRank(Launch launch, LaunchedRank ranks, RankSettings settings)
    {
        CheckBelow(ranks.Rank, ranks.Size, launch, "rank", "ranks");
        var localSize = ranks.LocalSize ?? (launch.Nodes == 1 ? ranks.Size : null);
        CheckSame("--nproc-per-node", settings.LocalSize, localSize, launch);
        CheckSame("--nnodes", settings.Nodes, launch.Nodes, launch);
        CheckSame("--node-rank", settings.NodeRank, launch.NodeRank, launch);
        localSize ??= ranks.LocalRank + 1;
        CheckBelow(ranks.LocalRank, localSize.Value, launch, "local rank", "ranks of a host");
        var isOneHost = launch.Nodes == 1 || ranks.LocalSize == ranks.Size || ranks.Size == 1;
        return WithPlace(launch, settings, isOneHost, new RankPlan
        {
            Family = launch.Family,
            Nodes = launch.Nodes ?? (isOneHost ? 1 : Math.Max(1, ranks.Size / localSize.Value)),
            NodeRank = launch.NodeRank ?? 0,
            LocalSize = localSize.Value,
            LocalRank = ranks.LocalRank,
            Rank = ranks.Rank,
            Size = ranks.Size,
            Job = launch.Job,
        });
    }

    /// <summary>This process stands for its host, and starts the host's other ranks.</summary>
    private static RankPlan OfHost(Launch launch, RankSettings settings, int gpus)
    {
        var nodes = settings.Nodes ?? launch.Nodes ?? 1;
        var nodeRank = settings.NodeRank ?? launch.NodeRank ?? (nodes == 1
            ? 0
            : throw new InputException(
                $"There are {nodes} hosts ({launch.Family}), and nothing says which this one is: give --node-rank."));
        var localSize = settings.LocalSize ?? launch.LocalSize ?? Math.Max(gpus, 1);
        CheckBelow(nodeRank, nodes, launch, "host", "hosts");
        return WithPlace(launch, settings, nodes == 1, new RankPlan
        {
            Family = launch.Family,
            Nodes = nodes,
            NodeRank = nodeRank,
            LocalSize = localSize,
            LocalRank = 0,
            Rank = nodeRank * localSize,
            Size = nodes * localSize,
            StartsLocalRanks = localSize > 1,
            Job = launch.Job,
        });
    }

    private static RankPlan WithPlace(Launch launch, RankSettings settings, bool isOneHost, RankPlan plan)
    {
        if (!plan.IsSeveral)
        {
            return plan;
        }

        // Who starts all other ranks opens a port and tells them.
        if (isOneHost && plan.StartsLocalRanks && (settings.MasterHost ?? settings.MasterPort?.ToString()) is null)
        {
            return plan;
        }

        var host = settings.MasterHost ?? launch.MasterHost ?? (isOneHost
            ? RankPlan.LocalHost
            : throw new InputException(
                $"{plan.Size} ranks of several hosts ({launch.Family}) need a place to meet: give the host of rank 0 with --master-addr, "
                + "or in the variable MASTER_ADDR."));
        var isLaunchers = settings.MasterHost is null && launch.MasterHost is not null;
        return plan with
        {
            MasterHost = host,
            MasterPort = settings.MasterPort ?? launch.MasterPort ?? Launchers.DefaultPort,
            MasterOrigin = settings.MasterHost is not null || settings.MasterPort is not null
                ? "--master-addr and --master-port"
                : isLaunchers ? launch.MasterOrigin : "the defaults",
        };
    }

    private static void CheckSame(string option, int? asked, int? launched, Launch launch)
    {
        if (asked is { } number && number != launched)
        {
            throw new InputException(launched is null
                ? $"{option} is {number}, but {launch.Family} has started every rank: leave it out."
                : $"{option} is {number}, but {launch.Family} has started every rank and says {launched}: leave it out.");
        }
    }

    private static void CheckBelow(int number, int count, Launch launch, string thing, string things)
    {
        if (number >= count)
        {
            throw new InputException($"This would be {thing} {number} of {count} {things} ({launch.Family}); they count from 0.");
        }
    }
}
