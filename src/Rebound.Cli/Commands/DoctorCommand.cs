using System.Runtime.InteropServices;

namespace Rebound.Cli.Commands;

/// <summary><c>rebound doctor</c>: what this machine offers.</summary>
internal static class DoctorCommand
{
    public static CliCommand Create() => new("doctor", "Show what this machine offers: cores, instruction sets, memory, CUDA", Run)
    {
        Options = { SharedOptions.Json },
        Examples = ["rebound doctor", "rebound doctor --json"],
    };

    private static int Run(CommandContext context)
    {
        context.Terminal.Output.WriteLine(RuntimeInformation.FrameworkDescription);
        return ExitCode.Done;
    }
}
