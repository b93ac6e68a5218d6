using Rebound.Agents.Collection;
using Rebound.Files.Messages;

namespace Rebound.Agents.Runs;

/// <summary>How often questions are tried, and where episodes are kept.</summary>
public sealed record CollectionOptions
{
    /// <summary>Temperatures above draw tokens nearly alike.</summary>
    public const float HighestTemperature = 2;

    /// <summary>The collection's folder; one that exists is resumed.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>The temperatures that every question is tried at; the paper's by default.</summary>
    public IReadOnlyList<float> Temperatures { get; init; } = [0.2f, 0.5f, 0.7f];

    /// <summary>Tries at each temperature.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Episodes at once.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Seed of the draws; null to leave them to the model.</summary>
    public long? Seed { get; init; }

    /// <summary>When to stop.</summary>
    public Budget Budget { get; init; } = new();

    /// <summary>All that is wrong with the options; empty where they can be used.</summary>
    public IReadOnlyList<OptionProblem> Validate()
    {
        var (temperatures, money) = (new OptionName(nameof(Temperatures)), new OptionName($"{nameof(Budget)}.{nameof(Budget.Money)}"));
        var input = new OptionName($"{nameof(Budget)}.{nameof(Budget.InputPrice)}");
        var output = new OptionName($"{nameof(Budget)}.{nameof(Budget.OutputPrice)}");
        return
        [
            .. new OptionLimits().AtLeast(nameof(Samples), Samples, 1).AtLeast(nameof(Concurrency), Concurrency, 1).Problems,
            .. Temperatures.Where(temperature => !(temperature is >= 0 and <= HighestTemperature)).Select(temperature => new OptionProblem(
                temperatures.Name, $"{temperatures} has '{temperature}'; a temperature is a number from 0 to {HighestTemperature}.")),
            .. Problem(
                Temperatures.Distinct().Count() < Temperatures.Count, temperatures,
                $"{temperatures} names a temperature twice; {new OptionName(nameof(Samples))} tries one several times."),
            .. Problem(
                Budget is { Money: not null, InputPrice: 0, OutputPrice: 0 }, money,
                $"{money} needs {input} and {output}: nothing costs anything."),
        ];
    }

    private static OptionProblem[] Problem(bool isThere, OptionName option, FormattableString sentence) =>
        isThere ? [new OptionProblem(option.Name, sentence)] : [];
}
