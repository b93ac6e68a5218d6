using System.CommandLine;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Engine.Collectives;

namespace Rebound.Cli.Ranks;

/// <summary>The options of commands that several processes run together, by the names that torchrun has.</summary>
internal sealed class RankOptions
{
    public readonly Option<string?> Gpus = OptionOf.Text(
        "--gpus", "N|all", "Compute on several GPUs of this host, one process each, which this one starts");

    public readonly Option<int?> LocalSize = OptionOf.Number<int?>(
        "--nproc-per-node", "Processes of each host, which one of them starts (default one for every GPU)");

    public readonly Option<int?> Nodes = OptionOf.Number<int?>("--nnodes", "Hosts that compute together; the command is started on each");

    public readonly Option<int?> NodeRank = OptionOf.Number<int?>("--node-rank", "Which of the hosts this one is, from 0");

    public readonly Option<string?> MasterHost = OptionOf.Text(
        "--master-addr", "HOST", "Where processes of several hosts meet: the host of node rank 0");

    public readonly Option<int?> MasterPort = OptionOf.Number<int?>("--master-port", "The port there (default 29500)");

    public readonly Option<string?> Endpoint = OptionOf.Text("--rdzv-endpoint", "HOST:PORT", "Both in one");

    public readonly Option<double> MeetingSeconds = OptionOf.Number(
        "--rdzv-timeout", "Seconds within which all processes have to come to where they meet", Defaults.RendezvousTimeout.TotalSeconds);

    public readonly Option<double> SilentSeconds = OptionOf.Number(
        "--heartbeat-timeout", "Seconds without a sign of life after which a process is taken to hang",
        Defaults.HeartbeatTimeout.TotalSeconds);

    private static CommunicatorOptions Defaults { get; } = new();

    public Option[] Everything =>
        [Gpus, LocalSize, Nodes, NodeRank, MasterHost, MasterPort, Endpoint, MeetingSeconds, SilentSeconds];

    /// <summary>Those that differ between the processes of a run, or that no result depends on.</summary>
    public IReadOnlySet<string> OwnOfEachRank => Everything.Select(option => option.Name.TrimStart('-')).ToHashSet(StringComparer.Ordinal);

    /// <summary>The settings as typed; problems are added to the checks.</summary>
    /// <param name="gpus">GPUs of this host.</param>
    public RankSettings Read(CommandContext context, OptionChecks checks, int gpus)
    {
        var endpoint = Ranks.Endpoint.Parse(context.Get(Endpoint), context.Label(Endpoint));
        var port = checks.AtLeast(MasterPort, 1) ?? endpoint?.Port;
        if (port > ushort.MaxValue)
        {
            checks.Add($"{context.Label(MasterPort)} is {port}; it must be at most {ushort.MaxValue}.");
        }

        var localSize = checks.AtLeast(LocalSize, 1);
        return new RankSettings
        {
            LocalSize = ReadGpus(context, checks, gpus) ?? localSize,
            Nodes = checks.AtLeast(Nodes, 1),
            NodeRank = checks.AtLeast(NodeRank, 0),
            MasterHost = context.Get(MasterHost) ?? endpoint?.Host,
            MasterPort = port,
        };
    }

    /// <summary>The times that ranks wait for each other.</summary>
    public CommunicatorOptions ReadTimes(CommandContext context, OptionChecks checks) => Defaults with
    {
        RendezvousTimeout = TimeSpan.FromSeconds(checks.InRange(MeetingSeconds, 0.1, 86_400)),
        HeartbeatTimeout = TimeSpan.FromSeconds(checks.InRange(SilentSeconds, 0.1, 3_600)),
    };

    private int? ReadGpus(CommandContext context, OptionChecks checks, int gpus)
    {
        var number = GpuCount.Read(context, Gpus, checks, gpus);
        if (number >= 1 && number <= gpus && context.Get(LocalSize) is { } processes && processes != number)
        {
            checks.Add($"{context.Label(Gpus)} is {context.Get(Gpus)} and {context.Label(LocalSize)} is {processes}: give one of them.");
        }

        return number;
    }
}
