using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Trajectories.Statistics;

namespace Rebound.Cli.Data;

/// <summary><c>rebound data stats</c>: what files of trajectories hold.</summary>
internal static class StatsCommand
{
    public static CliCommand Create()
    {
        var input = new TrajectoryInput();
        var tokenizer = TokenizerOption.Create();
        return new CliCommand("stats", "Count trajectories by outcome, source, cause, turns and tokens",
            context => Run(context, input, tokenizer))
        {
            Arguments = { input.Files },
            Needs = [input.Need],
            Options = { tokenizer },
            Details =
                "Tokens are those of the turns' texts, without what a chat template puts around them. An episode is unfinished if its "
                    + "last action is not finish[...].",
            Examples =
            [
                "rebound data stats positive.json negative.json --tokenizer DIR",
                "rebound data stats all.jsonl --json",
            ],
            MoreOptions = input.Options.Append(SharedOptions.Json),
        };
    }

    private static int Run(CommandContext context, TrajectoryInput input, Option<string?> tokenizer)
    {
        var opened = input.Open(context);
        var statistics = new TrajectoryStatistics(TokenizerOption.Open(context, tokenizer));
        using (var progress = context.Terminal.ShowsLiveProgress
            ? context.Terminal.StartProgress("Reading", total: null, "trajectories")
            : null)
        {
            foreach (var row in opened.Read())
            {
                statistics.Add(row.Trajectory);
                progress?.Report(statistics.All.Trajectories);
            }
        }

        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(StatsView.Json(statistics));
        }
        else
        {
            foreach (var table in StatsView.Tables(statistics))
            {
                context.Terminal.Write(table);
            }
        }

        if (statistics.OutcomeLikes is { } likes)
        {
            context.Terminal.Note($"{DataSummary.Unscored(likes)}.");
        }

        return ExitCode.Done;
    }
}
