using System.CommandLine;
using System.Globalization;
using Rebound.Cli.Options;

namespace Rebound.Cli.Models;

/// <summary>How many GPUs an option asks for.</summary>
internal static class GpuCount
{
    public const string All = "all";

    /// <summary>Reads <c>N</c> or <c>all</c>; null where nothing was asked for.</summary>
    /// <param name="gpus">GPUs of this host.</param>
    public static int? Read(CommandContext context, Option<string?> option, OptionChecks checks, int gpus)
    {
        if (context.Get(option) is not { } text)
        {
            return null;
        }

        var label = context.Label(option);
        var number = text == All ? gpus
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var typed) ? typed : 0;
        var problem = gpus == 0 ? $"{label} is {text}, and no GPU is here; 'rebound doctor' says where it was looked for."
            : number < 1 ? $"{label} is '{text}'; it must be {All} or a number from 1 to {gpus}."
            : number > gpus ? $"{label} is {text}, and {gpus} {(gpus == 1 ? "is" : "are")} here."
            : null;
        if (problem is not null)
        {
            checks.Add(problem);
        }

        return number;
    }
}
