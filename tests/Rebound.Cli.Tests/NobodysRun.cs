namespace Rebound.Cli.Tests;

/// <summary>Runs the command line as somebody who may not write or read everything: root may, so its rights are laid down.</summary>
internal static class NobodysRun
{
    private static readonly string LayDown = Environment.UserName == "root"
        ? "HOME=/tmp setpriv --reuid=65534 --regid=65534 --clear-groups "
        : "";

    private static readonly bool IsPossible = LayDown.Length == 0 || ShellRun.Of($"{LayDown}$rebound --help").ExitCode == 0;

    /// <param name="command">The words that follow the program's name in a shell.</param>
    public static ShellRun Of(string command, string input = "")
    {
        Assert.SkipUnless(IsPossible, "Nobody else may run dotnet or read this build here.");
        return ShellRun.Of($"printf %s \"$1\" | {LayDown}$rebound {command}", input);
    }
}
