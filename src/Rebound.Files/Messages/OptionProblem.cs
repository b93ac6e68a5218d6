using System.Globalization;

namespace Rebound.Files.Messages;

/// <summary>A problem with an option: a sentence with its name, its value, and what was allowed.</summary>
public sealed class OptionProblem
{
    private readonly FormattableString _sentence;

    /// <param name="option">The option's name as a path of properties, for example <c>Optimizer.Beta1</c>.</param>
    /// <param name="sentence">The problem; names of options in it are <see cref="OptionName"/> values.</param>
    public OptionProblem(string option, FormattableString sentence) => (Option, _sentence) = (option, sentence);

    /// <summary>A value that is not among those that are allowed.</summary>
    /// <param name="allowed">Goes on from "it must be".</param>
    public OptionProblem(string option, object value, string allowed)
        : this(option, $"{new OptionName(option)} is {value}; it must be {allowed}.") => (Value, Allowed) = (value, allowed);

    public string Option { get; }

    /// <summary>Null where the sentence alone tells it.</summary>
    public object? Value { get; }

    /// <summary>The allowed values; null where the sentence says enough.</summary>
    public string? Allowed { get; }

    /// <summary>The whole sentence.</summary>
    /// <param name="name">Says how an option is called where the sentence is shown; null for the names of the properties.</param>
    public string Sentence(Func<string, string>? name = null) => string.Format(
        CultureInfo.InvariantCulture,
        _sentence.Format,
        [.. _sentence.GetArguments().Select(argument => argument is OptionName option && name is not null ? name(option.Name) : argument)]);

    /// <summary>The same about an option of an object that has these options as a part.</summary>
    /// <param name="part">The name of the property that holds the part.</param>
    public OptionProblem Within(string part) => Value is not null && Allowed is not null
        ? new OptionProblem($"{part}.{Option}", Value, Allowed)
        : this;

    public override string ToString() => Sentence();
}

/// <summary>The name of an option in a message, which a command line replaces by its own.</summary>
/// <param name="Name">As a path of properties.</param>
public sealed record OptionName(string Name)
{
    public override string ToString() => Name;
}
