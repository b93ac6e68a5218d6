using Rebound.Engine.Collectives;
using Rebound.Testing;
using Rebound.Training.Ranks;

namespace Rebound.Training.Tests.Ranks;

/// <summary>A folder that ranks write while they go on.</summary>
public sealed class SharedSaveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Ranks_go_on_until_the_slowest_has_written(int ranks)
    {
        using var gate = new ManualResetEventSlim();
        Run(ranks, communicator =>
        {
            var rank = communicator?.Rank ?? 0;
            var save = new SharedSave(communicator, Publish, path =>
            {
                if (rank == ranks - 1)
                {
                    gate.Wait();
                }

                File.WriteAllText(Path.Combine(path, $"{rank}"), "");
            });

            Assert.Null(save.Look(waits: false));
            Assert.Null(save.Look(waits: false));
            Assert.False(Directory.Exists(_folder.File("whole")));
            communicator?.Barrier();
            gate.Set();
            Assert.Equal(_folder.File("whole"), save.Look(waits: true));
            Assert.Equal(ranks, Directory.GetFiles(_folder.File("whole")).Length);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void The_disk_of_one_fails_it_for_all_and_leaves_nothing(int failing)
    {
        Run(3, communicator =>
        {
            var save = new SharedSave(communicator, Publish, path =>
            {
                File.WriteAllText(Path.Combine(path, $"{communicator!.Rank}"), "");
                if (communicator.Rank == failing)
                {
                    throw new IOException("It is full.");
                }
            });

            var failure = Assert.Throws<IOException>(() => save.Look(waits: true));
            Assert.Equal($"On rank {failing}: It is full.", failure.Message);
            communicator!.Barrier();
        });

        Assert.False(Directory.Exists(_folder.File("whole")));
        Assert.False(Directory.Exists(_folder.File("partial")));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_fails_it_at_once_for_all() => Run(2, communicator =>
    {
        var failure = Assert.Throws<IOException>(
            () => new SharedSave(communicator, _ => throw new IOException("There is no disk."), _ => { }));
        Assert.Contains("There is no disk.", failure.Message);
    });

    [Fact]
    public void What_ranks_do_not_end_together_leaves_nothing()
    {
        using var written = new CountdownEvent(2);
        Run(2, communicator =>
        {
            var save = new SharedSave(communicator, Publish, path =>
            {
                File.WriteAllText(Path.Combine(path, $"{communicator!.Rank}"), "");
                written.Signal();
            });
            written.Wait();

            save.Abandon();

            communicator!.Barrier();
            Assert.False(Directory.Exists(_folder.File("whole")));
            Assert.False(Directory.Exists(_folder.File("partial")));
        });
    }

    private static void Run(int ranks, Action<Communicator?> work)
    {
        if (ranks == 1)
        {
            work(null);
        }
        else
        {
            ThreadCommunicator.Run(ranks, work);
        }
    }

    private string Publish(Action<string> write)
    {
        Directory.CreateDirectory(_folder.File("partial"));
        try
        {
            write(_folder.File("partial"));
        }
        catch
        {
            Directory.Delete(_folder.File("partial"), recursive: true);
            throw;
        }

        Directory.Move(_folder.File("partial"), _folder.File("whole"));
        return _folder.File("whole");
    }
}
