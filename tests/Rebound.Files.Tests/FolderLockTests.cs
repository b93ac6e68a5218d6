namespace Rebound.Files.Tests;

public sealed class FolderLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-lock-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_is_held_once_and_nothing_stays()
    {
        using (FolderLock.Take(_folder))
        {
            Assert.Contains(_folder, Assert.Throws<FolderInUseException>(() => FolderLock.Take(_folder)).Message);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        FolderLock.Take(_folder).Dispose();
        Assert.Throws<DirectoryNotFoundException>(() => FolderLock.Take(Path.Combine(_folder, "missing")));
    }

    [Fact]
    public void Of_many_that_come_and_go_one_has_it_at_a_time()
    {
        var (holders, taken, refused, most) = (0, 0, 0, 0);
        var together = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                try
                {
                    using var held = FolderLock.Take(_folder);
                    most = Math.Max(most, Interlocked.Increment(ref holders));
                    Interlocked.Increment(ref taken);
                    Thread.SpinWait(20);
                    Interlocked.Decrement(ref holders);
                }
                catch (IOException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })).ToList();
        together.ForEach(thread => thread.Start());
        Assert.All(together, thread => Assert.True(thread.Join(TimeSpan.FromMinutes(2)), "A lock is tried for without end."));

        Assert.Equal(1, most);
        Assert.Equal(8_000, taken + refused);
        Assert.NotEqual(0, taken);
    }
}
