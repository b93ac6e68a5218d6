using System.Text;
using Rebound.Engine.Collectives;

namespace Rebound.Training.Ranks;

/// <summary>
/// A folder that all ranks write on threads of their own while they go on: they meet to begin, and then now and then to see how far it is.
/// Rank 0 makes the folder, and puts it in its place when every rank has written its files.
/// </summary>
internal sealed class SharedSave
{
    private const byte Writing = 0;
    private const byte Written = 1;
    private const byte Placed = 2;
    private const byte Failed = 3;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private readonly Communicator? _ranks;
    private readonly TaskCompletionSource<string> _folder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string?> _others = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _work;
    private volatile Exception? _problem;
    private volatile bool _isWritten;

    /// <param name="ranks">Null for the only one.</param>
    /// <param name="publish">Of rank 0: makes a folder, has it filled, puts it in its place, and returns that.</param>
    /// <param name="write">Of every rank: writes its files into the folder that it is given, each flushed to the disk.</param>
    /// <exception cref="IOException">Rank 0 cannot make the folder.</exception>
    public SharedSave(Communicator? ranks, Func<Action<string>, string> publish, Action<string> write)
    {
        _ranks = ranks;
        if (ranks is { Rank: > 0 })
        {
            var folder = Told(ranks.Exchange([])[0]);
            _work = Start(() =>
            {
                write(folder);
                return "";
            });
            return;
        }

        _work = Start(() => publish(folder =>
        {
            _folder.SetResult(folder);
            if (ranks is null)
            {
                write(folder);
                return;
            }

            Try(() => write(folder));
            if ((_others.Task.GetAwaiter().GetResult() ?? _problem?.Message) is { } failure)
            {
                throw new IOException(failure, _problem);
            }
        }));
        if (ranks is not null)
        {
            Task.WaitAny(_folder.Task, _work);
            ranks.Exchange(_folder.Task.IsCompleted ? Message(Writing, _folder.Task.Result) : Message(Failed, Problem()));
            if (!_folder.Task.IsCompleted)
            {
                Rethrow();
            }
        }
    }

    /// <summary>Meets the other ranks to see how far the folder is.</summary>
    /// <param name="waits">Whether to return when it is in its place, and not before.</param>
    /// <returns>Its place; null where it is still being written.</returns>
    /// <exception cref="IOException">The disk refused, here or on another rank, which is named; nothing of the folder is left.</exception>
    public string? Look(bool waits)
    {
        while (true)
        {
            if (waits)
            {
                Task.WaitAny([_work], _ranks is null ? Timeout.InfiniteTimeSpan : Glance);
            }

            var place = _ranks is null ? LookAlone() : LookTogether(_ranks);
            if (place is not null || !waits)
            {
                return place;
            }
        }
    }

    /// <summary>Ends it where ranks do not meet any more: the only one writes it to its end; of several nothing is left.</summary>
    public void Abandon()
    {
        _others.TrySetResult("the run ended before all ranks had written");
        Task.WaitAny(_work);
    }

    private string? LookAlone()
    {
        if (_work.IsFaulted)
        {
            Rethrow();
        }

        return _work.IsCompleted ? _work.Result : null;
    }

    private string? LookTogether(Communicator ranks)
    {
        var messages = ranks.Exchange(
            _problem is not null || _work.IsFaulted ? Message(Failed, Problem())
            : !_work.IsCompleted ? [_isWritten ? Written : Writing]
            : ranks.Rank == 0 ? Message(Placed, _work.Result)
            : [Written]);
        var failed = Enumerable.Range(0, messages.Count).Where(rank => messages[rank][0] == Failed).Select(rank => (int?)rank)
            .FirstOrDefault();
        if (failed is { } first)
        {
            // Nobody writes any more into the folder that rank 0 removes then.
            Task.WaitAny(_work, _ended.Task);
            ranks.Exchange([]);

            // In the same words on every rank: the first to say them ends the others, perhaps before they have heard.
            var failure = $"On rank {first}: {Text(messages[first])}";
            _others.TrySetResult(failure);
            Task.WaitAny(_work);
            throw new IOException(failure, _problem ?? _work.Exception?.InnerException);
        }

        if (messages.Skip(1).All(message => message[0] == Written))
        {
            _others.TrySetResult(null);
        }

        return messages[0][0] == Placed ? Text(messages[0]) : null;
    }

    /// <summary>Of rank 0, whose folder has to stay until no other rank writes into it: keeps what goes wrong.</summary>
    private void Try(Action write)
    {
        try
        {
            write();
            _isWritten = true;
        }
#pragma warning disable CA1031 // Thrown again when the other ranks have ended.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _problem = e;
        }

        _ended.SetResult();
    }

    private string Problem() => (_problem ?? _work.Exception!.InnerException!).Message;

    private void Rethrow() => _work.GetAwaiter().GetResult();

    private static string Told(byte[] message) =>
        message[0] == Failed ? throw new IOException($"On rank 0: {Text(message)}") : Text(message);

    private static byte[] Message(byte state, string text) => [state, .. Encoding.UTF8.GetBytes(text)];

    private static string Text(byte[] message) => Encoding.UTF8.GetString(message.AsSpan(1));

    private static Task<string> Start(Func<string> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
