using System.Text;
using Rebound.Checkpoints;
using Rebound.Engine.Collectives;

namespace Rebound.Training.Ranks;

/// <summary>
/// Writes a folder with all ranks: rank 0 makes it and puts it in its place when every rank has written its files; a failure of any is one
/// of all, and leaves nothing.
/// </summary>
/// <param name="ranks">Null for the only one.</param>
internal sealed class SharedWriting(Communicator? ranks)
{
    private const byte Done = 0;
    private const byte Failed = 1;

    /// <param name="publish">Of rank 0: makes a folder, has it filled, puts it in its place, and returns that.</param>
    /// <param name="write">Of every rank: writes its files into the folder that it is given, each flushed to the disk.</param>
    /// <returns>The folder's place.</returns>
    /// <exception cref="IOException">The disk refuses, here or on another rank, which is named.</exception>
    public string Write(Func<Action<string>, string> publish, Action<string> write) => ranks switch
    {
        null => publish(write),
        { Rank: 0 } => Lead(ranks, publish, write),
        _ => Follow(ranks, write),
    };

    private static string Lead(Communicator ranks, Func<Action<string>, string> publish, Action<string> write)
    {
        // The other ranks wait for the folder, and then, when all is written, for its place.
        var othersWait = true;
        try
        {
            var place = publish(partial =>
            {
                Tell(ranks, Done, partial);
                othersWait = false;
                Together(ranks, () => write(partial));
                othersWait = true;
            });
            Tell(ranks, Done, place);
            return place;
        }
        catch (Exception e) when (othersWait && IsOfTheDisk(e))
        {
            Tell(ranks, Failed, e.Message);
            throw;
        }
    }

    private static string Follow(Communicator ranks, Action<string> write)
    {
        var partial = Hear(ranks);
        Together(ranks, () => write(partial));
        return Hear(ranks);
    }

    /// <summary>Lets every rank do its share; all fail where one does.</summary>
    private static void Together(Communicator ranks, Action share)
    {
        Exception? failure = null;
        try
        {
            share();
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            failure = e;
        }

        var failures = ranks.Exchange(Encoding.UTF8.GetBytes(failure?.Message ?? ""));
        if (failure is not null)
        {
            throw new IOException(failure.Message, failure);
        }

        for (var rank = 0; rank < failures.Count; rank++)
        {
            if (failures[rank].Length > 0)
            {
                throw OfRank(rank, Encoding.UTF8.GetString(failures[rank]));
            }
        }
    }

    private static void Tell(Communicator ranks, byte outcome, string text) => ranks.Exchange([outcome, .. Encoding.UTF8.GetBytes(text)]);

    private static string Hear(Communicator ranks)
    {
        var told = ranks.Exchange([])[0];
        var text = Encoding.UTF8.GetString(told.AsSpan(1));
        return told[0] == Done ? text : throw OfRank(0, text);
    }

    private static IOException OfRank(int rank, string message) => new($"On rank {rank}: {message}");

    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException or CheckpointException;
}
