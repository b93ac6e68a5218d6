using System.CommandLine;
using Rebound.Cli.Paths;
using Rebound.Files.Messages;

namespace Rebound.Cli.Options;

/// <summary>Reads options whose values have limits, and collects everything that is wrong, to be said at once.</summary>
internal sealed class OptionChecks(CommandContext context)
{
    private readonly List<string> _problems = [];

    public void Add(string problem) => _problems.Add(problem);

    /// <summary>Adds the library's problems, in the command's names.</summary>
    public void Add(IEnumerable<OptionProblem> problems, OptionNames names) =>
        _problems.AddRange(problems.Select(problem => names.Sentence(problem, context)));

    /// <exception cref="InputException">Something is wrong; the message has a line for each.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
        {
            throw new InputException(string.Join('\n', _problems));
        }
    }

    public string? ExistingFile(Option<string?> option) => context.Get(option) is { } path ? ExistingFile(option, path) : null;

    /// <param name="option">The option that was given this file, for the message.</param>
    public string ExistingFile(Option option, string path)
    {
        if (PathChecks.ProblemOfInput(path) is { } problem)
        {
            _problems.Add($"{context.Label(option)} {problem}");
        }

        return path;
    }

    public string? ExistingData(Option<string?> option) => context.Get(option) is { } path ? ExistingData(option, path) : null;

    /// <summary>A file of rows, or a folder of such files.</summary>
    public string ExistingData(Option option, string path)
    {
        if (PathChecks.ProblemOfData(path) is { } problem)
        {
            _problems.Add($"{context.Label(option)} {problem}");
        }

        return path;
    }

    /// <summary>Whether a folder can be written into: it is there, or can be made.</summary>
    public bool WritableFolder(Option option, string path)
    {
        if (PathChecks.ProblemOfFolder(path) is not { } problem)
        {
            return true;
        }

        _problems.Add($"{context.Label(option)} {problem}");
        return false;
    }

    public int? AtLeast(Option<int?> option, int least)
    {
        var value = context.Get(option);
        if (value < least)
        {
            _problems.Add($"{context.Label(option)} is {value}; it must be at least {least}.");
        }

        return value;
    }

    public int AtLeast(Option<int> option, int least)
    {
        var value = context.Require(option);
        if (value < least)
        {
            _problems.Add($"{context.Label(option)} is {value}; it must be at least {least}.");
        }

        return value;
    }

    public double InRange(Option<double> option, double least, double most)
    {
        var value = context.Require(option);
        if (!(value >= least && value <= most))
        {
            var allowed = (least, most) switch
            {
                (double.Epsilon, double.MaxValue) => "above 0",
                (double.Epsilon, _) => $"above 0 and at most {most:N0}",
                (_, double.MaxValue) => $"at least {least}",
                _ => $"from {least} to {most}",
            };
            _problems.Add($"{context.Label(option)} is {value}; it must be {allowed}.");
        }

        return value;
    }
}
