using Rebound.Cli.Paths;
using Rebound.Cli.Rows;

namespace Rebound.Cli.Data;

/// <summary>Files of rows that a command makes of others.</summary>
internal static class RowOutput
{
    /// <summary>
    /// A file beside the given name, which takes it when it is complete: a JSON list if the name ends with <c>.json</c>,
    /// JSON lines otherwise.
    /// </summary>
    /// <param name="path">Null for JSON lines on standard output.</param>
    public static RowWriter Create(CommandContext context, string? path) => new(
        path, context.Terminal,
        asList: string.Equals(Path.GetExtension(path), ".json", StringComparison.OrdinalIgnoreCase), keepPartial: false);

    /// <summary>No output may be an input, nor two outputs the same file: neither is ever written over by mistake.</summary>
    /// <exception cref="InputException">One is, or cannot be written.</exception>
    public static void Check(IEnumerable<string> inputs, params (string Option, string? Path)[] outputs)
    {
        var taken = inputs.Select(Real).Distinct().ToDictionary(file => file, _ => "is also read", StringComparer.Ordinal);
        foreach (var (option, path) in outputs.Where(output => output.Path is not null and not "-"))
        {
            PathChecks.RequireOutput(path!, option);
            if (!taken.TryAdd(Real(path!), $"is also what {option} names"))
            {
                throw new InputException($"{option} {path} {taken[Real(path!)]}; give another name.");
            }
        }
    }

    /// <summary>The path behind links, so that two names of a file are seen to be one.</summary>
    private static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        return File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
    }
}
