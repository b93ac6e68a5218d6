using System.Formats.Tar;

namespace Rebound.Cli.Paths;

/// <summary>A path that is neither a regular file nor a folder.</summary>
internal enum SpecialFile
{
    None,

    /// <summary>A pipe that is open already, as a shell's <c>&lt;(command)</c>, or a socket.</summary>
    OpenPipe,

    /// <summary>A pipe with a name: opening it waits for the other side.</summary>
    NamedPipe,

    /// <summary>A device that is not empty: a terminal, a disk, an endless row of bytes.</summary>
    Device,
}

internal static class SpecialFiles
{
    /// <summary>The kind of special file at a path, without opening it. .NET tells the kind only through its archive classes.</summary>
    public static SpecialFile At(string path)
    {
        if (OperatingSystem.IsWindows() || path == "/dev/null" || !File.Exists(path))
        {
            return SpecialFile.None;
        }

        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            if (Path.GetFileName(target) is var name
                && (name.StartsWith("pipe:[", StringComparison.Ordinal) || name.StartsWith("socket:[", StringComparison.Ordinal)))
            {
                return SpecialFile.OpenPipe;
            }

            return new FileInfo(target).Length > 0 ? SpecialFile.None : Archived(target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return SpecialFile.None;
        }
    }

    private static SpecialFile Archived(string path)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            writer.WriteEntry(path, "x");
        }

        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType switch
        {
            TarEntryType.Fifo => SpecialFile.NamedPipe,
            TarEntryType.CharacterDevice or TarEntryType.BlockDevice => SpecialFile.Device,
            _ => SpecialFile.None,
        };
    }
}
