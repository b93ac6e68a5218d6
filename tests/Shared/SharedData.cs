namespace Rebound.Testing;

/// <summary>
/// Finds the developers' data and oracle answers beside the checkout (<c>../shared</c>), which a fresh clone lacks:
/// tests that use it skip with the reason, or fail when <c>REBOUND_REQUIRE_SHARED=1</c>.
/// </summary>
internal static class SharedData
{
    /// <summary>The checkout's root, the folder that holds <c>Rebound.slnx</c>.</summary>
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>Absolute path of a file or folder under <c>../shared</c>; skips or fails the test if it is absent.</summary>
    public static string Path(string relative)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(RepositoryRoot, "..", "shared", relative));
        if (File.Exists(path) || Directory.Exists(path))
        {
            return path;
        }

        if (Environment.GetEnvironmentVariable("REBOUND_REQUIRE_SHARED") == "1")
        {
            Assert.Fail($"{path} is absent and REBOUND_REQUIRE_SHARED=1.");
        }

        Assert.Skip($"../shared/{relative} is absent: it is the developers' data, not part of a clone.");
        return path;
    }

    private static string FindRepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Rebound.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"Rebound.slnx was not found above {AppContext.BaseDirectory}.");
    }
}
