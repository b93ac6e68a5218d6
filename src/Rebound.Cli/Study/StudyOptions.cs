using System.CommandLine;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Study.Grids;

namespace Rebound.Cli.Study;

/// <summary>The options of <c>rebound study</c>.</summary>
internal sealed class StudyOptions
{
    public readonly Argument<string?> File = new("file")
    {
        Description = "The study, a YAML file",
        HelpName = "FILE",
        Arity = ArgumentArity.ExactlyOne,
    };

    public readonly Option<string> OutputFolder = new("--output-dir")
    {
        Description = "The folder for everything that is made; a study that is there already goes on",
        HelpName = "DIR",
        Required = true,
    };

    public readonly Option<bool> PlanOnly = new("--plan") { Description = "Show which trainings there are and which are done, and stop" };

    public readonly Option<bool> Validation = new("--validation")
    {
        Description = "Examine on the file's validation task alone, to choose settings before any test question is asked",
    };

    public readonly Option<string?> Part = OptionOf.Text("--part", "I/N", "Run the Ith of N parts of the trainings, for one of N machines");

    public readonly Option<double?> MaxTime = OptionOf.Number<double?>(
        "--max-time", "Begin no training after so many minutes; the same command goes on");

    public readonly PartOptions Parts = new("Train and examine", "Trainings at a time");

    public IEnumerable<Option> All =>
    [
        OutputFolder, PlanOnly, Validation, Part, MaxTime, Parts.Parallel, Parts.Gpus, SharedOptions.Device, SharedOptions.Threads,
        SharedOptions.ComputeType,
    ];

    /// <summary>The part of the trainings to run.</summary>
    public GridPart ReadPart(CommandContext context, OptionChecks checks)
    {
        if (context.Get(Part) is not { } text)
        {
            return GridPart.Whole;
        }

        if (GridPart.Parse(text) is { } part)
        {
            return part;
        }

        checks.Add($"{context.Label(Part)} is '{text}'; it must be I/N, such as 1/2 for the first of two parts.");
        return GridPart.Whole;
    }

    /// <summary>How long trainings may begin; null for no limit.</summary>
    public TimeSpan? ReadTime(CommandContext context, OptionChecks checks)
    {
        var minutes = context.Get(MaxTime);
        if (minutes is null or (>= 0 and <= 1e6))
        {
            return minutes is { } given ? TimeSpan.FromMinutes(given) : null;
        }

        checks.Add($"{context.Label(MaxTime)} is {minutes}; it must be at least 0, and at most a million.");
        return null;
    }
}
