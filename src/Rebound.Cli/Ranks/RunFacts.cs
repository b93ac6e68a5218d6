using Rebound.Cli.Help;
using Rebound.Files;

namespace Rebound.Cli.Ranks;

/// <summary>
/// Everything that ranks of a run compare at their start: the program, the command's options, and the files that it reads.
/// </summary>
internal static class RunFacts
{
    /// <summary>Bytes at both ends of a file that its checksum is of: a file of any size is compared in an instant.</summary>
    private const int ComparedBytes = 1 << 20;

    /// <param name="own">Options that ranks need not share, without dashes.</param>
    /// <param name="paths">Files, and folders with files, that every rank reads.</param>
    public static IReadOnlyDictionary<string, string> Of(CommandContext context, IReadOnlySet<string> own, params IEnumerable<string> paths)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["the program"] = VersionLine.Text };
        foreach (var option in context.Resolved().Where(option => !own.Contains(option.Name)))
        {
            facts[$"--{option.Name}"] = option.Text;
        }

        foreach (var path in paths.Where(File.Exists))
        {
            facts[path] = OfFile(path);
        }

        foreach (var file in paths.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles))
        {
            facts[file] = OfFile(file);
        }

        return facts;
    }

    /// <summary>For example <c>1,024 bytes, checksum 1a2b3c4d</c>.</summary>
    private static string OfFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var bytes = new byte[Math.Min(ComparedBytes, file.Length)];
        file.ReadExactly(bytes);
        var sum = Crc32C.Append(Crc32C.Start, bytes);
        file.Position = file.Length - bytes.Length;
        file.ReadExactly(bytes);
        return $"{file.Length:N0} bytes, checksum {Crc32C.End(Crc32C.Append(sum, bytes)):x8}";
    }
}
