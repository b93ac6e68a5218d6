using Rebound.Models.Checkpoints;

namespace Rebound.Cli.Models;

/// <summary>The folder that a command writes a model to, as <c>--output</c> and <c>--overwrite</c> say.</summary>
internal static class ModelTarget
{
    /// <summary>The folder, known to be free before any work is done.</summary>
    /// <exception cref="InputException">It is taken, or cannot be made.</exception>
    public static string Checked(CommandContext context)
    {
        var (folder, overwrite) = (context.Require(SharedOptions.ModelFolder), context.Get(SharedOptions.Overwrite));
        if (PathChecks.ProblemOfFolder(folder) is { } problem)
        {
            throw new InputException($"{context.Label(SharedOptions.ModelFolder)} {problem}");
        }

        try
        {
            HuggingFaceFolder.CheckTarget(folder, overwrite);
            return folder;
        }
        catch (IOException e)
        {
            throw new InputException($"{context.Label(SharedOptions.ModelFolder)}: {e.Message}{(overwrite ? "" : $" ({SharedOptions.Overwrite.Name})")}", e);
        }
    }
}
