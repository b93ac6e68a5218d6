namespace Rebound.Cli.Chat;

/// <summary>Where a chat's lines come from.</summary>
internal interface IChatLines
{
    /// <summary>The next line, which may hold line breaks; null at the end.</summary>
    /// <param name="prompt">The prompt before the line.</param>
    /// <param name="style">The prompt's colour as an escape sequence; empty for none.</param>
    string? Next(string prompt, string style);
}

/// <summary>Lines of a file or a pipe, without a prompt, or with one where a person types at a terminal that can show no more.</summary>
internal sealed class PlainLines(TextReader input, TextWriter? prompts) : IChatLines
{
    public string? Next(string prompt, string style)
    {
        prompts?.Write(prompt);
        prompts?.Flush();
        return input.ReadLine();
    }
}
