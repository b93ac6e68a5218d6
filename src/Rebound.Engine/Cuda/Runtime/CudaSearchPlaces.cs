namespace Rebound.Engine.Cuda;

/// <summary>
/// Where NVIDIA's libraries may lie: an explicit folder, the environment variable, the system's loader, CUDA toolkits,
/// and the <c>nvidia/*/lib</c> folders that Python packages bring.
/// </summary>
internal static class CudaSearchPlaces
{
    /// <summary>The environment variable that names folders, separated as in <c>PATH</c>.</summary>
    public const string Variable = "REBOUND_CUDA_PATH";

    private static readonly string[] LibraryFolders =
        ["", "lib64", "lib", "lib/x64", "bin", "bin/x64", "targets/x86_64-linux/lib", "compat"];

    /// <summary>Places in the order of their precedence; a null folder stands for the system's loader.</summary>
    public static IEnumerable<(string Source, string? Folder)> All(string? explicitFolder)
    {
        if (explicitFolder is not null)
        {
            foreach (var folder in WithLibraryFolders(explicitFolder))
            {
                yield return ("given folder", folder);
            }
        }

        foreach (var root in Split(Environment.GetEnvironmentVariable(Variable)))
        {
            foreach (var folder in WithLibraryFolders(root))
            {
                yield return (Variable, folder);
            }
        }

        yield return ("system loader", null);

        foreach (var folder in Toolkits().SelectMany(WithLibraryFolders))
        {
            yield return ("CUDA toolkit", folder);
        }

        foreach (var folder in PythonPackageFolders().SelectMany(NvidiaFolders).Distinct())
        {
            yield return ("Python environment", folder);
        }
    }

    private static IEnumerable<string> Toolkits()
    {
        string?[] named = [Environment.GetEnvironmentVariable("CUDA_PATH"), Environment.GetEnvironmentVariable("CUDA_HOME")];
        IEnumerable<string> installed = OperatingSystem.IsWindows()
            ? Folders(
                Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "NVIDIA GPU Computing Toolkit", "CUDA"),
                "v*")
            : ["/usr/local/cuda", .. Folders("/usr/local", "cuda-*"), "/opt/cuda", "/usr/local/nvidia"];
        return named.OfType<string>().Where(folder => folder.Length > 0).Concat(installed).Distinct();
    }

    private static IEnumerable<string> PythonPackageFolders()
    {
        string?[] environments = [Environment.GetEnvironmentVariable("VIRTUAL_ENV"), Environment.GetEnvironmentVariable("CONDA_PREFIX")];
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        // A python on the PATH lies in ROOT/bin, so that its packages are in ROOT/lib; a link leads to the real one.
        var onPath = Split(Environment.GetEnvironmentVariable("PATH"))
            .SelectMany(folder => new[] { Path.Combine(folder, "python3"), Path.Combine(folder, "python") })
            .Where(File.Exists)
            .SelectMany(python => new[] { python, File.ResolveLinkTarget(python, returnFinalTarget: true)?.FullName })
            .Select(python => Path.GetDirectoryName(Path.GetDirectoryName(python)));
        string?[] usual = [Path.Combine(home, ".local"), "/usr/local", "/usr", .. Folders(Path.Combine(home, ".pyenv", "versions"), "*")];

        return environments.Concat(onPath).Concat(usual)
            .OfType<string>()
            .Where(root => root.Length > 0)
            .Distinct()
            .SelectMany(root => Folders(Path.Combine(root, "lib"), "python3*").Append(Path.Combine(root, "Lib")))
            .SelectMany(library => new[] { Path.Combine(library, "site-packages"), Path.Combine(library, "dist-packages") })
            .Where(Directory.Exists);
    }

    private static IEnumerable<string> NvidiaFolders(string packages)
    {
        var root = Path.Combine(packages, "nvidia");
        var folders = Folders(root, "*")
            .SelectMany(package => new[]
            {
                Path.Combine(package, OperatingSystem.IsWindows() ? "bin" : "lib"), Path.Combine(package, "bin", "x86_64"),
            })
            .Where(Directory.Exists)
            .ToArray();
        return folders.Length > 0 ? folders : [root];
    }

    private static IEnumerable<string> WithLibraryFolders(string root)
    {
        var folders = LibraryFolders.Select(folder => Path.Combine(root, folder).TrimEnd('/', '\\')).Where(Directory.Exists).ToArray();
        return folders.Length > 0 ? folders : [root];
    }

    private static string[] Split(string? list) =>
        (list ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<string> Folders(string parent, string pattern)
    {
        try
        {
            return Directory.Exists(parent) ? Directory.GetDirectories(parent, pattern).OrderDescending(StringComparer.Ordinal) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
