using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Engine.Collectives;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Ranks;

/// <summary><c>rebound ranks</c>: whether the processes of a launch find each other, add up right, and how fast.</summary>
internal static class RanksCommand
{
    private static readonly Option<int> Repeats = OptionOf.Number("--repeats", "How often a tensor is added; many watch a network", 5);

    public static CliCommand Create()
    {
        var options = new RankOptions();
        const string summary = "Check that the processes of a launch find each other and add up right";
        return new CliCommand("ranks", summary, context => RankRefusal.Guard(
            context.Terminal, () => Prepare(options, context), work => work()))
        {
            RunsOnRanks = true,
            MoreOptions = [.. options.Everything, Repeats, SharedOptions.Json],
            Details = "Started as a training would be, by torchrun, srun, mpirun, Kubernetes, SkyPilot, dstack or by itself, each process "
                + "says which rank it is; all of them meet, compare their program and options, and add a tensor. Rank 0 tells what came of "
                + "it. No GPU is touched: tensors lie in the host's memory.",
            Examples =
            [
                "rebound ranks --nproc-per-node 4",
                "srun -N 2 --ntasks-per-node 8 rebound ranks",
                "mpirun -n 8 rebound ranks",
                "torchrun --no-python --nproc-per-node 8 rebound ranks",
                "rebound ranks --nnodes 2 --node-rank 0 --nproc-per-node 8 --master-addr node0",
            ],
        };
    }

    private static Func<int> Prepare(RankOptions options, CommandContext context)
    {
        var gpus = CudaRuntime.Find().Devices.Found.Count;
        var checks = new OptionChecks(context);
        var (settings, times) = (options.Read(context, checks, gpus), options.ReadTimes(context, checks));
        var repeats = checks.AtLeast(Repeats, 1);
        checks.ThrowIfAny();
        var plan = RankResolution.Resolve(RankProgram.Variables(), settings, gpus);
        var session = new RankSession(plan, times, context.Terminal, context.Interruption)
        {
            Facts = RunFacts.Of(context, options.OwnOfEachRank),
        };
        return () => session.Run(ranks => Check(new RanksCheck(ranks, plan), repeats, context));
    }

    private static int Check(RanksCheck check, int repeats, CommandContext context)
    {
        var isText = check.Plan.Rank == 0 && !context.Get(SharedOptions.Json);
        if (isText)
        {
            context.Terminal.Say($"{char.ToUpperInvariant(check.Plan.Summary[0])}{check.Plan.Summary[1..]}.");
            foreach (var rank in check.Ranks)
            {
                context.Terminal.Output.WriteLine($"  {rank}");
            }
        }

        var speed = check.Add(repeats, context.Interrupted);
        if (isText)
        {
            context.Terminal.Say(check.Sentence(speed));
        }
        else if (check.Plan.Rank == 0)
        {
            context.Terminal.WriteJson(check.ToJson(speed));
        }

        return ExitCode.Done;
    }
}
