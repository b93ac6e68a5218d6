using System.CommandLine;

namespace Rebound.Cli.Paths;

/// <summary>The kind of path that an option or argument takes.</summary>
internal enum PathKind
{
    /// <summary>It is none.</summary>
    None,

    /// <summary>A file, or either.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,
}

/// <summary>Tells it by the name that help has for the value.</summary>
internal static class PathKinds
{
    public static PathKind Of(Option option) => Of(option.HelpName ?? "");

    public static PathKind Of(Argument argument) => Of(argument.HelpName ?? "");

    private static PathKind Of(string helpName)
    {
        var parts = helpName.Replace("...", "", StringComparison.Ordinal).Split('|');
        return parts.Any(part => part is "FILE" or "PATH" or "COMMAND") ? PathKind.File
            : parts.Contains("DIR") ? PathKind.Folder
            : PathKind.None;
    }
}
