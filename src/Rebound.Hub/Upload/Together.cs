namespace Rebound.Hub.Upload;

/// <summary>Work on several things at a time, of which a failure ends all.</summary>
internal static class Together
{
    /// <param name="stop">Is cancelled by a failure; the work heeds it.</param>
    public static Task RunAsync<T>(IEnumerable<T> items, CancellationTokenSource stop, Func<T, Task> work) =>
        Task.WhenAll(items.Select(async item =>
        {
            try
            {
                await work(item);
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }));
}
