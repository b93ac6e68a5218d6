using System.Collections;
using System.Diagnostics;

namespace Rebound.Cli.Ranks;

/// <summary>This program, to be started once more with the same arguments.</summary>
internal static class RankProgram
{
    /// <summary>Set for a process that was started by another rank, whose end is this one's, too.</summary>
    public const string Variable = "REBOUND_STARTED_BY_RANK";

    /// <summary>The environment.</summary>
    public static IReadOnlyDictionary<string, string> Variables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => entry.Value as string ?? "", StringComparer.Ordinal);

    /// <summary>How a rank of the same command is started: as torchrun starts one.</summary>
    /// <param name="plan">Of the rank that starts it.</param>
    /// <param name="localRank">Its number on this host.</param>
    /// <param name="port">The port where ranks meet.</param>
    public static ProcessStartInfo Start(RankPlan plan, int localRank, int port)
    {
        var start = Same();
        (string Name, string Value)[] variables =
        [
            ("RANK", $"{plan.Rank + localRank}"), ("WORLD_SIZE", $"{plan.Size}"), ("LOCAL_RANK", $"{localRank}"),
            ("LOCAL_WORLD_SIZE", $"{plan.LocalSize}"), ("GROUP_RANK", $"{plan.NodeRank}"), ("MASTER_ADDR", plan.MasterHost),
            ("MASTER_PORT", $"{port}"), ("TORCHELASTIC_RUN_ID", plan.Job), ("TORCHELASTIC_USE_AGENT_STORE", "False"),
            (Variable, $"{plan.Rank}"),
        ];
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static ProcessStartInfo Same()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The program's own path is not known.");
        var words = Environment.GetCommandLineArgs();
        // Under `dotnet rebound.dll` the first word is the assembly, which dotnet needs to be told of; else it is the program.
        var isHosted = Path.GetFileNameWithoutExtension(program) is "dotnet";
        return new ProcessStartInfo(program, isHosted ? words : words[1..]);
    }
}
