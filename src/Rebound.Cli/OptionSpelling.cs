namespace Rebound.Cli;

/// <summary>
/// Options are dashed (<c>--pos-path</c>) and are understood with underscores too (<c>--pos_path</c>), as the NAT
/// reference's scripts spell them.
/// </summary>
internal static class OptionSpelling
{
    /// <summary>The arguments with every option's name dashed; values are left alone.</summary>
    public static string[] Dashed(string[] arguments) => [.. arguments.Select(Dashed)];

    private static string Dashed(string argument)
    {
        var end = argument.IndexOf('=', StringComparison.Ordinal);
        var name = end < 0 ? argument : argument[..end];
        var isOption = name.StartsWith("--", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
        return isOption
            ? name.Replace('_', '-') + argument[name.Length..]
            : argument;
    }
}
