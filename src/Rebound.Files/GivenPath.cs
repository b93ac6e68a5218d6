namespace Rebound.Files;

/// <summary>A file or a folder that a person gave, and what lies below it: links that lead elsewhere are not followed.</summary>
public sealed class GivenPath
{
    private const int MostLinks = 40;

    /// <param name="path">Need not exist, now or later.</param>
    public GivenPath(string path)
    {
        Location = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        Name = Path.GetFileName(Location) is { Length: > 0 } name ? name : Location;
    }

    /// <summary>Full path.</summary>
    public string Location { get; }

    /// <summary>The last part of the path.</summary>
    public string Name { get; }

    /// <summary>The name of a path below this one, without saying where this one is: its name, then the folders in between.</summary>
    public string NameOf(string path) => path == Location
        ? Name
        : $"{Name}/{Path.GetRelativePath(Location, path).Replace(Path.DirectorySeparatorChar, '/')}";

    /// <summary>Whether a path is this one or lies below it, also where links on its way lead.</summary>
    public bool Holds(string path) => Real(Location, 0) is { } root && Real(Path.GetFullPath(path), 0) is { } real
        && (real == root || real.StartsWith(root.EndsWith(Path.DirectorySeparatorChar) ? root : root + Path.DirectorySeparatorChar,
            StringComparison.Ordinal));

    /// <summary>A path without links; null where they go in circles.</summary>
    private static string? Real(string path, int links)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var part in Path.GetRelativePath(real, path).Split(Path.DirectorySeparatorChar))
        {
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
            }
            else if (links++ == MostLinks || Real(Path.GetFullPath(target, real), links) is not { } resolved)
            {
                return null;
            }
            else
            {
                real = resolved;
            }
        }

        return real == "." ? path : real;
    }
}
