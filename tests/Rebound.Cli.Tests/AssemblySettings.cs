using System.Runtime.CompilerServices;

// A process mostly starts, on one core: two at a time fill two. More would wait for each other, as those that compute take all cores.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace Rebound.Cli.Tests;

/// <summary>
/// Tests that kill a process within milliseconds of a sign: nothing else runs meanwhile, so that the moments are spread as they are meant.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MomentsOfProcesses
{
    public const string Name = "Moments of processes";
}

/// <summary>What every process that a test starts is told.</summary>
internal static class AssemblySettings
{
    /// <summary>
    /// Most of the time of a short process is its compilation, so code is optimized when it was used for a while, and not measured before
    /// that. What it computes is the same.
    /// </summary>
    [ModuleInitializer]
    public static void StartProcessesFast()
    {
        Environment.SetEnvironmentVariable("DOTNET_TC_QuickJitForLoops", "1");
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
    }
}
