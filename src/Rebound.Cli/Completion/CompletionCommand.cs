using System.CommandLine;

namespace Rebound.Cli.Completion;

/// <summary><c>rebound completion</c>: the script by which a shell completes command lines of this program.</summary>
internal static class CompletionCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "powershell"];

    private static readonly Argument<string> Shell = CreateShell();

    public static CliCommand Create() => new("completion", "Print a script by which a shell completes commands, options and values", Run)
    {
        Arguments = { Shell },
        Details = "The lines below install it; PowerShell's goes into $PROFILE. The script asks 'rebound' itself at every Tab, so it "
            + "never grows old.",
        Examples =
        [
            "echo 'source <(rebound completion bash)' >> ~/.bashrc",
            "echo 'source <(rebound completion zsh)' >> ~/.zshrc",
            "rebound completion fish > ~/.config/fish/completions/rebound.fish",
            "rebound completion powershell | Out-String | Invoke-Expression",
        ],
    };

    private static int Run(CommandContext context)
    {
        using var script = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"completion.{context.Get(Shell)}")!;
        using var reader = new StreamReader(script);
        context.Terminal.Output.Write(reader.ReadToEnd());
        return ExitCode.Done;
    }

    private static Argument<string> CreateShell()
    {
        var shell = new Argument<string>("shell") { Description = string.Join(", ", Shells) };
        shell.AcceptOnlyFromAmong(Shells);
        return shell;
    }
}
