namespace Rebound.Files.Messages;

/// <summary>Options that are invalid. The message has a line for every problem.</summary>
public sealed class OptionsException : ArgumentException
{
    public OptionsException(IReadOnlyList<OptionProblem> problems, Exception? inner = null)
        : base(string.Join('\n', problems), inner) => Problems = problems;

    /// <summary>One problem that is told by a sentence.</summary>
    /// <inheritdoc cref="OptionProblem(string, FormattableString)"/>
    public OptionsException(string option, FormattableString sentence, Exception? inner = null)
        : this([new OptionProblem(option, sentence)], inner)
    {
    }

    /// <summary>All that is wrong, in the order of the options.</summary>
    public IReadOnlyList<OptionProblem> Problems { get; }

    /// <exception cref="OptionsException">There are problems.</exception>
    public static void ThrowIfAny(IReadOnlyList<OptionProblem> problems)
    {
        if (problems.Count > 0)
        {
            throw new OptionsException(problems);
        }
    }
}
