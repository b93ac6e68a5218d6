using Rebound.Testing;

namespace Rebound.Files.Tests;

/// <summary>The process that writes is killed between any two of its calls; the next one finds the old or the new whole.</summary>
public sealed class WholeTests : IDisposable
{
    private static readonly FolderPublication Publication = new("model", ["config.json"], ["*.bin"], ["templates"]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("old")]
    public void A_file_is_the_old_or_the_new(string? before) => Always(
        before,
        content => WholeFile.WriteText(_folder.File("file"), content),
        () => File.Exists(_folder.File("file")) ? File.ReadAllText(_folder.File("file")) : null,
        ["file"]);

    [Theory]
    [InlineData(null, true)]
    [InlineData(null, false)]
    [InlineData("old", true)]
    [InlineData("old", false)]
    public void A_folder_is_the_old_or_the_new(string? before, bool exchanges) => Always(
        before,
        content => WholeFolder.Write(_folder.File("folder"), folder => WriteParts(folder, content)),
        () =>
        {
            WholeFolder.Restore(_folder.File("folder"));
            return Parts(_folder.File("folder"));
        },
        ["folder"],
        exchanges);

    [Theory]
    [InlineData(null)]
    [InlineData("old")]
    public void What_is_published_among_others_is_the_old_or_the_new(string? before) => Always(
        before,
        content => Publication.Publish(_folder.Path, folder => WriteParts(folder, content)),
        () =>
        {
            Publication.Finish(_folder.Path);
            return Parts(_folder.Path);
        },
        ["config.json", "part.bin", "templates"]);

    [Fact]
    public void A_folder_that_is_deleted_is_there_or_not()
    {
        for (var calls = 0; ; calls++)
        {
            WholeFolder.Write(_folder.File("folder"), folder => WriteParts(folder, "old"));
            if (!Killed(calls, exchanges: true, () => WholeFolder.Delete(_folder.File("folder"))))
            {
                break;
            }

            Assert.Contains(Parts(_folder.File("folder")), (string?[])["old", null]);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_killed_processes_left_is_put_back_or_taken_away()
    {
        WriteParts(_folder.File(".step-1.old"), "one");
        WriteParts(_folder.File(".step-2.old"), "before");
        WriteParts(_folder.File("step-2"), "two");
        WriteParts(_folder.File(".step-3.partial"), "half");
        WriteParts(_folder.File(".other.partial"), "another's");

        WholeFolder.CleanUp(_folder.Path, "step-*");

        Assert.Equal(("one", "two"), (Parts(_folder.File("step-1")), Parts(_folder.File("step-2"))));
        Assert.Equal([".other.partial", "step-1", "step-2"], Names());
    }

    [Fact]
    public void A_write_that_fails_leaves_what_was_there_and_nothing_else()
    {
        WholeFile.WriteText(_folder.File("file"), "old");
        Assert.Throws<IOException>(() => WholeFile.Write(_folder.File("file"), stream =>
        {
            stream.WriteByte(1);
            throw new IOException("full");
        }));
        Assert.Equal("old", File.ReadAllText(_folder.File("file")));
        Assert.Equal(["file"], Names());
    }

    /// <summary>Writes again and again, each time killed one call later, until a write comes to its end.</summary>
    /// <param name="before">What is there; null for nothing.</param>
    /// <param name="read">What the next process finds; null for nothing.</param>
    /// <param name="names">What is there in the end, and no more.</param>
    private void Always(string? before, Action<string> write, Func<string?> read, string[] names, bool exchanges = true)
    {
        for (var calls = 0; ; calls++)
        {
            foreach (var entry in new DirectoryInfo(_folder.Path).GetFileSystemInfos())
            {
                if (entry is DirectoryInfo folder)
                {
                    folder.Delete(recursive: true);
                }
                else
                {
                    entry.Delete();
                }
            }

            if (before is not null)
            {
                write(before);
            }

            var isKilled = Killed(calls, exchanges, () => write("new"));
            Assert.Contains(read(), isKilled ? (string?[])[before, "new"] : ["new"]);
            if (!isKilled)
            {
                Assert.True(calls > 3, "No call went through the layer.");
                Assert.Equal(names, Names());
                return;
            }

            write("next");
            Assert.Equal("next", read());
            Assert.Equal(names, Names());
        }
    }

    /// <summary>Whether the process was killed before it came to the end.</summary>
    private static bool Killed(int calls, bool exchanges, Action act)
    {
        var killing = new KillingCalls(calls, exchanges);
        FileCalls.Current = killing;
        try
        {
            act();
        }
        catch (KilledException)
        {
        }
        finally
        {
            FileCalls.Current = new FileCalls();
        }

        return killing.HasKilled;
    }

    private string[] Names() =>
        [.. Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static void WriteParts(string folder, string content)
    {
        Directory.CreateDirectory(Path.Combine(folder, "templates"));
        foreach (var part in new[] { "config.json", "part.bin", "templates/one" })
        {
            File.WriteAllText(Path.Combine(folder, part), content);
        }
    }

    /// <summary>What all parts say; null where no part is there. Parts that say different things are a failure.</summary>
    private static string? Parts(string folder) =>
        new[] { "config.json", "part.bin", "templates/one" }
            .Select(part => Path.Combine(folder, part)).Select(path => File.Exists(path) ? File.ReadAllText(path) : null)
            .Distinct().ToArray() is [var content]
            ? content
            : "parts that do not belong together";
}
