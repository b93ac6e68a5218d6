using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Cli.Ranks;
using Rebound.Engine.Collectives;
using Rebound.Engine.Cuda;
using Rebound.Training.Runs;

namespace Rebound.Cli.Train;

/// <summary>The ranks of a run of <c>rebound train</c>.</summary>
internal sealed class TrainRanks
{
    private readonly TrainOptions _options;
    private readonly CommandContext _context;
    private readonly CommunicatorOptions _times;
    private readonly int? _gpu;

    /// <exception cref="InputException">Options or a launcher's variables do not go together.</exception>
    public TrainRanks(TrainOptions options, CommandContext context)
    {
        (_options, _context) = (options, context);
        var checks = new OptionChecks(context);
        var gpus = CudaRuntime.Find().Devices.Found.Count;
        var settings = options.Sharding.Ranks.Read(context, checks, gpus);
        _times = options.Sharding.Ranks.ReadTimes(context, checks);
        checks.ThrowIfAny();
        Plan = RankResolution.Resolve(RankProgram.Variables(), settings, gpus);
        if (Plan.IsSeveral && Devices.MeansGpu(context, gpus))
        {
            _gpu = RankDevices.IndexFor(Plan, gpus);
            CheckDevice();
        }
    }

    /// <summary>This process among the ranks.</summary>
    public RankPlan Plan { get; }

    /// <summary>Whether this process does what one does alone.</summary>
    public bool IsFirst => Plan.Rank == 0;

    /// <summary>The backend of this rank: its GPU; or its share of the host's cores, where the options do not say how many.</summary>
    public OpenedDevice Open(bool deterministic) => Devices.Open(
        _context, deterministic: deterministic, gpu: _gpu,
        parts: _gpu is null && _context.Get(SharedOptions.Threads) is null ? Plan.LocalSize : 1);

    /// <summary>Does the work on every rank.</summary>
    /// <param name="work">Returns the exit code; takes null where there is one rank.</param>
    public int Run(TrainSettings settings, Func<Communicator?, int> work)
    {
        if (!Plan.IsSeveral)
        {
            return work(null);
        }

        var session = new RankSession(Plan, _times, _context.Terminal, _context.Interruption)
        {
            Facts = RunFacts.Of(_context, _options.Sharding.Ranks.OwnOfEachRank, Files(settings.Run.Data, settings.Model)),
            ComputeDevice = _gpu is { } gpu ? RankDevices.NameOf(CudaRuntime.Find().Devices.Found[gpu]) : "",
        };
        return session.Run(work);
    }

    private void CheckDevice()
    {
        if (_context.Require(SharedOptions.Device) is var device && device.Contains(':', StringComparison.Ordinal))
        {
            throw new InputException(
                $"{_context.Label(SharedOptions.Device)} {device} names one GPU, and each of {Plan.Size} ranks has its own: leave it out.");
        }

        try
        {
            CudaRuntime.Find().RequireNccl();
        }
        catch (PlatformNotSupportedException e)
        {
            throw new InputException($"{e.Message}\nUse {SharedOptions.Device.Name} {Devices.Cpu} to train on ranks without GPUs.", e);
        }
    }

    private static IEnumerable<string> Files(Trajectories.Selection.DatasetOptions data, string model) => new[]
    {
        model, data.PositivePath, data.NegativePath, data.QuestionPath, data.PromptPath,
    }.OfType<string>().Concat(data.ScoredPaths);
}
