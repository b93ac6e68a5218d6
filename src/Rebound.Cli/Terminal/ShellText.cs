namespace Rebound.Cli.Terminal;

/// <summary>Texts as a shell takes them, for commands that are suggested.</summary>
internal static class ShellText
{
    /// <summary>The text itself where a shell reads it as one word, and in single quotes otherwise.</summary>
    public static string Quoted(string text) =>
        text.Length > 0 && text[0] != '~'
            && text.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or ':' or ',' or '@' or '=' or '%' or '~')
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
