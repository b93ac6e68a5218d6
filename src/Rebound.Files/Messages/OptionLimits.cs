using System.Numerics;

namespace Rebound.Files.Messages;

/// <summary>Validates options against their limits, and collects all problems, to report them at once.</summary>
public sealed class OptionLimits
{
    private readonly List<OptionProblem> _problems = [];

    public IReadOnlyList<OptionProblem> Problems => _problems;

    /// <summary>Adds a problem where a condition does not hold.</summary>
    /// <param name="allowed">Goes on from "it must be".</param>
    public OptionLimits Require(bool holds, string option, object value, string allowed)
    {
        if (!holds)
        {
            _problems.Add(new OptionProblem(option, value, allowed));
        }

        return this;
    }

    /// <summary>Requires a finite number of at least a minimum.</summary>
    public OptionLimits AtLeast<T>(string option, T value, T least)
        where T : struct, INumber<T> => Require(value >= least && T.IsFinite(value), option, value, $"at least {least}");

    /// <summary>The same for an option that may be left out.</summary>
    public OptionLimits AtLeast<T>(string option, T? value, T least)
        where T : struct, INumber<T> => value is { } given ? AtLeast(option, given, least) : this;

    /// <summary>A number between two limits, which are allowed.</summary>
    public OptionLimits Within<T>(string option, T value, T least, T most)
        where T : struct, INumber<T> => Require(value >= least && value <= most, option, value, $"from {least} to {most}");

    /// <summary>Takes over what is wrong with options that are a part of these.</summary>
    /// <param name="part">The name of the property that holds the part.</param>
    public OptionLimits Add(string part, IEnumerable<OptionProblem> problems)
    {
        _problems.AddRange(problems.Select(problem => problem.Within(part)));
        return this;
    }
}
