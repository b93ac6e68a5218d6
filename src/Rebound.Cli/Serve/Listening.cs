using System.Net;

namespace Rebound.Cli.Serve;

/// <summary>A server of a command, from its start to when it is told to stop.</summary>
internal static class Listening
{
    /// <exception cref="InputException">The address is in use, or cannot be listened on.</exception>
    public static async Task<T> StartAsync<T>(IPAddress address, int port, Func<Task<T>> start)
    {
        try
        {
            return await start();
        }
        catch (IOException e) when (e is not Files.FolderInUseException)
        {
            throw new InputException(
                $"{address} cannot be listened on at port {port}: {e.Message.TrimEnd('.')}. --port chooses another one.", e);
        }
    }

    public static async Task UntilInterruptedAsync(CancellationToken interrupted)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = interrupted.Register(over.SetResult);
        await over.Task;
    }
}
