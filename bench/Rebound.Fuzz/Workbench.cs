namespace Rebound.Fuzz;

/// <summary>
/// Where a reader works: a folder of its own, and the sentences with which it refused parts of an input without an exception.
/// </summary>
internal sealed class Workbench : IDisposable
{
    private readonly List<string> _refusals = [];

    public Workbench() => Folder = Directory.CreateTempSubdirectory("rebound-fuzz-").FullName;

    public string Folder { get; }

    /// <summary>What the reader said of the input that is being read.</summary>
    public IReadOnlyList<string> Refusals => _refusals;

    /// <summary>The valid inputs of a reader that are files of this program.</summary>
    public static IReadOnlyList<byte[]> Files(string reader) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Seeds", reader)).Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes),
    ];

    /// <summary>Writes a file into the folder and returns its path.</summary>
    public string Write(string name, byte[] content)
    {
        var path = At(name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>The path of a file or folder of the folder.</summary>
    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>Keeps a sentence with which a part of the input was refused.</summary>
    public void Refuse(string sentence) => _refusals.Add(sentence);

    public void NextInput() => _refusals.Clear();

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
