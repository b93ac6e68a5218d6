using System.CommandLine;
using System.Globalization;
using Rebound.Agents.Collection;
using Rebound.Agents.Runs;
using Rebound.Cli.Models;
using Rebound.Cli.Options;

namespace Rebound.Cli.Collect;

/// <summary>The options of <c>rebound collect</c> beside those of its agent and its model.</summary>
internal sealed class CollectOptions
{
    public readonly Option<string> Temperatures = new("--temperatures")
    {
        Description = "The temperatures that every question is tried at, parted by commas; the paper's by default",
        HelpName = "LIST",
        DefaultValueFactory = _ => "0.2,0.5,0.7",
    };

    public readonly Option<int> Samples = OptionOf.Number("--samples", "Tries at each temperature", 1);

    public readonly Option<int> Concurrency = OptionOf.Number("--concurrency", "Episodes at once, on each device", 8);

    public readonly PartOptions Parts = PartOptions.OfCopies();

    public readonly Option<long> Seed = OptionOf.Number("--seed", "Seed of the draws, of a checkpoint that is computed here", 0L);

    public readonly Option<long?> Tokens = OptionOf.Number<long?>("--budget-tokens", "Stop after this many tokens, read and written");

    public readonly Option<decimal?> Money = OptionOf.Number<decimal?>("--budget-money", "Stop after this much money, at the prices given");

    public readonly Option<double?> Minutes = OptionOf.Number<double?>("--budget-minutes", "Stop after this many minutes");

    public readonly Option<decimal> InputPrice = OptionOf.Number("--input-price", "The price of a million tokens that are read", 0m);

    public readonly Option<decimal> OutputPrice = OptionOf.Number("--output-price", "The price of a million tokens that are written", 0m);

    public readonly Option<string> OutputFolder = new("--output-dir")
    {
        Description = "The folder to collect in; a collection that is there already goes on",
        HelpName = "DIR",
        Required = true,
    };

    /// <summary>When to stop, and what things cost.</summary>
    public OptionGroup Limits => new("Limits", Tokens, Money, Minutes, InputPrice, OutputPrice);

    /// <summary>The options' names here, by their names in the library.</summary>
    private OptionNames Names => new OptionNames()
        .Add(nameof(CollectionOptions.Samples), Samples)
        .Add(nameof(CollectionOptions.Concurrency), Concurrency)
        .Add(nameof(CollectionOptions.Temperatures), Temperatures)
        .Add($"{nameof(Budget)}.{nameof(Budget.Money)}", Money)
        .Add($"{nameof(Budget)}.{nameof(Budget.InputPrice)}", InputPrice)
        .Add($"{nameof(Budget)}.{nameof(Budget.OutputPrice)}", OutputPrice);

    /// <summary>Reads the library's options, except for the seed.</summary>
    public CollectionOptions Read(CommandContext context, OptionChecks checks)
    {
        checks.WritableFolder(OutputFolder, context.Require(OutputFolder));
        var read = new CollectionOptions
        {
            OutputFolder = context.Require(OutputFolder),
            Temperatures = ReadTemperatures(context, checks),
            Samples = context.Require(Samples),
            Concurrency = context.Require(Concurrency),
            Budget = ReadBudget(context),
        };
        checks.Add(read.Validate(), Names);
        return read;
    }

    public List<float> ReadTemperatures(CommandContext context, OptionChecks checks)
    {
        var temperatures = new List<float>();
        foreach (var text in context.Require(Temperatures).Split(',', StringSplitOptions.TrimEntries))
        {
            if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                temperatures.Add(value);
            }
            else
            {
                checks.Add(
                    $"{context.Label(Temperatures)} has '{text}'; a temperature is a number from 0 to "
                        + $"{CollectionOptions.HighestTemperature}.");
            }
        }

        return temperatures;
    }

    private Budget ReadBudget(CommandContext context) => new()
    {
        Tokens = context.Get(Tokens),
        Money = context.Get(Money),
        Time = context.Get(Minutes) is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        InputPrice = context.Require(InputPrice),
        OutputPrice = context.Require(OutputPrice),
    };
}
