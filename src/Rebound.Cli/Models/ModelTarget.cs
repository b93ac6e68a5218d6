using Rebound.Checkpoints;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Files;
using Rebound.Trajectories;

namespace Rebound.Cli.Models;

/// <summary>
/// The folder that a command writes a model to, as <c>--output</c> and <c>--overwrite</c> say; other
/// runs are kept from it until it is disposed.
/// </summary>
internal sealed class ModelTarget : IDisposable
{
    private readonly FolderLock _held;

    private ModelTarget(string folder, FolderLock held) => (Folder, _held) = (folder, held);

    public string Folder { get; }

    /// <summary>The folder, known to be free before any work is done.</summary>
    /// <exception cref="InputException">It is taken, or cannot be made.</exception>
    /// <exception cref="FolderInUseException">Another run writes it.</exception>
    public static ModelTarget Take(CommandContext context) =>
        Take(context, context.Require(SharedOptions.ModelFolder), context.Label(SharedOptions.ModelFolder));

    /// <param name="label">The option that named the folder, for messages.</param>
    /// <inheritdoc cref="Take(CommandContext)"/>
    public static ModelTarget Take(CommandContext context, string folder, string label)
    {
        var overwrite = context.Get(SharedOptions.Overwrite);
        if (PathChecks.ProblemOfFolder(folder) is { } problem)
        {
            throw new InputException($"{label} {problem}");
        }

        var held = FolderLock.TakeName(folder);
        try
        {
            HuggingFaceFolder.CheckTarget(folder, overwrite);
            return new ModelTarget(folder, held);
        }
        catch (IOException e)
        {
            held.Dispose();
            throw new InputException(
                $"{label}: {e.Message}{(overwrite ? "" : $" ({SharedOptions.Overwrite.Name})")}", e);
        }
    }

    public void Dispose() => _held.Dispose();
}
