namespace Rebound.Cli;

/// <summary>The command's input cannot be used: an option's value, a combination of options, or a row of a file.</summary>
/// <param name="problem">One sentence: what, which value, what was allowed, what to do.</param>
internal sealed class InputException(string problem, Exception? inner = null) : Exception(problem, inner)
{
    /// <summary>A row of a file that is wrong.</summary>
    /// <param name="line">1-based.</param>
    public static InputException AtLine(string path, int line, string problem, Exception? inner = null) =>
        new($"{path}, line {line}: {problem}", inner);
}
