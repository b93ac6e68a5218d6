using Rebound.Agents.Scoring;
using Rebound.Agents.Tools;
using Rebound.Checkpoints;
using Rebound.Cli.Terminal;
using Rebound.Engine.Collectives;
using Rebound.Engine.Cuda;
using Rebound.Files;
using Rebound.Files.Rows;
using Rebound.Grammar;
using Rebound.Inference.Generation;
using Rebound.Jinja;
using Rebound.Study.Improvement;
using Rebound.Study.Workbench;
using Rebound.Text;
using Rebound.Training;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli;

/// <summary>
/// Where every exception ends: an expected one as a sentence on standard error and exit code 2 (wrong input) or 1
/// (failed), an unexpected one as a bug; Ctrl-C as 130. The stack trace is for <c>--verbose</c>.
/// </summary>
internal static class ErrorBoundary
{
    public static int Run(CommandTerminal terminal, Func<Interruption, int> work)
    {
        using var interruption = new Interruption(terminal);
        return Run(terminal, () =>
        {
            try
            {
                return work(interruption);
            }
            catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
            {
                terminal.Error("Interrupted.");
                return ExitCode.Interrupted;
            }
        });
    }

    /// <summary>For work that is over at once.</summary>
    public static int Run(CommandTerminal terminal, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (ReaderLeftException)
        {
            return ExitCode.ReaderLeft;
        }
#pragma warning disable CA1031 // This is the boundary: nothing is to pass it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var (exitCode, message) = Explain(exception);
            terminal.Error(message);
            if (terminal.Verbose)
            {
                terminal.Error(exception.ToString());
            }

            return exitCode;
        }
    }

    /// <summary>An exception as an exit code and a sentence.</summary>
    public static (int ExitCode, string Message) Explain(Exception exception) => exception switch
    {
        InputException or CheckpointException or TokenizerException or ChatTemplateException or DataException
            or GrammarException or RenderingException or ExcessLengthException or InvalidDataException or FolderInUseException
            or RendezvousException =>
                (ExitCode.WrongInput, exception.Message),
        TrainingException or ImprovementException or UnansweredException or ToolException or ToolServerException or JudgeException
            or ModelException or NotFiniteException or CudaException or CommunicationException => (ExitCode.Failed, exception.Message),
        FileNotFoundException { FileName: { Length: > 0 } file } => (ExitCode.WrongInput, $"{file} does not exist."),
        DirectoryNotFoundException when QuotedPath(exception) is { } path && Path.GetDirectoryName(path) is { Length: > 0 } folder =>
            (ExitCode.WrongInput, $"There is no folder {folder} for {Path.GetFileName(path)}."),
        FileNotFoundException or DirectoryNotFoundException => (ExitCode.WrongInput, exception.Message),
        UnauthorizedAccessException when QuotedPath(exception) is { } path && Directory.Exists(path) =>
            (ExitCode.WrongInput, $"{path} is a folder, and the name of a file is needed."),
        UnauthorizedAccessException when QuotedPath(exception) is { } path =>
            (ExitCode.WrongInput, $"{WithoutSuffix(path)}: access is denied. Check the path and its permissions."),
        UnauthorizedAccessException => (ExitCode.WrongInput, $"{exception.Message} Check the path and its permissions."),
        ArgumentException argument => (ExitCode.WrongInput, WithoutParameterName(argument)),
        OutOfMemoryException => (ExitCode.Failed, $"{exception.Message} Give the process more memory or take a smaller batch."),
        IOException => (ExitCode.Failed, exception.Message),
        _ => (
            ExitCode.Failed,
            $"Unexpected {exception.GetType().Name}: {exception.Message} This is a fault of rebound; --verbose shows where."),
    };

    /// <summary>The path that an exception of the runtime names in its sentence.</summary>
    private static string? QuotedPath(Exception exception) => exception.Message.Split('\'') is [_, { Length: > 0 } path, ..] ? path : null;

    /// <summary>The file that was asked for, of the one beside it that it is written to first.</summary>
    private static string WithoutSuffix(string path) => path.EndsWith(WholeFile.PartialSuffix, StringComparison.Ordinal)
        ? path[..^WholeFile.PartialSuffix.Length]
        : path;

    private static string WithoutParameterName(ArgumentException exception)
    {
        var suffix = $" (Parameter '{exception.ParamName}')";
        return exception.ParamName is not null && exception.Message.EndsWith(suffix, StringComparison.Ordinal)
            ? exception.Message[..^suffix.Length]
            : exception.Message;
    }
}
