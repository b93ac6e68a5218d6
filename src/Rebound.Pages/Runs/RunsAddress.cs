using System.Globalization;
using Microsoft.AspNetCore.Http;
using Rebound.Study.Watching;

namespace Rebound.Pages.Runs;

/// <summary>Which runs are laid over each other, and how, as an address and back.</summary>
/// <param name="Chosen">Ids; empty for the newest.</param>
/// <param name="Smoothing">From 0 to below 1.</param>
/// <param name="Logarithmic">Whether the curves' axes are.</param>
public sealed record RunsAddress(IReadOnlyList<string> Chosen, double Smoothing, bool Logarithmic)
{
    public const string Path = "/runs";

    /// <summary>Runs that are shown where none is chosen.</summary>
    private const int Newest = 4;

    private const int MostChosen = 24;

    /// <summary>How much curves can be smoothed, with the word for it.</summary>
    public static IReadOnlyList<(double Value, string Name)> Smoothings { get; } =
        [(0, "not smoothed"), (0.6, "a little"), (0.9, "smooth"), (0.98, "very smooth")];

    /// <summary>Reads the parts of an address that have a meaning; all else counts as not given.</summary>
    public static RunsAddress Of(IQueryCollection query) => new(
        [.. query["run"].OfType<string>().Distinct().Take(MostChosen)],
        double.TryParse(query["smooth"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var smoothing)
            && Smoothings.Any(known => known.Value == smoothing) ? smoothing : 0,
        query["log"] == "1");

    /// <summary>The runs that are meant, in their order.</summary>
    public IReadOnlyList<WatchedRun> In(RunListing listing)
    {
        var chosen = listing.Runs.Where(run => Chosen.Contains(run.Id)).ToArray();
        return chosen.Length > 0
            ? chosen
            : [.. listing.Runs.Where(run => run.Steps > 0).OrderByDescending(run => run.LastStep).Take(Newest)];
    }

    /// <summary>The address of this view's curves alone.</summary>
    public string Curves => RunCurvesEndpoint.Path + Query;

    public override string ToString() => Path + Query;

    private string Query
    {
        get
        {
            string[] parts =
            [
                .. Chosen.Select(run => $"run={Uri.EscapeDataString(run)}"),
                .. Smoothing > 0 ? [string.Create(CultureInfo.InvariantCulture, $"smooth={Smoothing}")] : Array.Empty<string>(),
                .. Logarithmic ? ["log=1"] : Array.Empty<string>(),
            ];
            return parts.Length == 0 ? "" : $"?{string.Join('&', parts)}";
        }
    }
}
