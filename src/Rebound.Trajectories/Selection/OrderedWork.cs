namespace Rebound.Trajectories.Selection;

/// <summary>Work that is done on all cores, while what came of it is taken piece by piece in the order in which it was given.</summary>
internal sealed class OrderedWork
{
    /// <summary>Pieces that may wait for one that takes longer.</summary>
    private static readonly int MostPending = 16 * Environment.ProcessorCount;

    private readonly Queue<Task<Action>> _pending = [];

    /// <param name="work">Done on any thread; it gives what is to be done in the order of all.</param>
    public async Task AddAsync(Func<Action> work)
    {
        _pending.Enqueue(Task.Run(work));
        await TakeAsync(MostPending);
    }

    /// <summary>Adds what takes no work.</summary>
    public void Add(Action take)
    {
        _pending.Enqueue(Task.FromResult(take));
        while (_pending.TryPeek(out var first) && first.IsCompletedSuccessfully)
        {
            _pending.Dequeue().Result();
        }
    }

    /// <summary>Takes what is left.</summary>
    public Task CompleteAsync() => TakeAsync(0);

    private async Task TakeAsync(int left)
    {
        while (_pending.Count > left)
        {
            var take = await _pending.Dequeue();
            take();
        }
    }
}
