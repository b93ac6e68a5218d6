using System.Globalization;
using System.Web;
using Microsoft.AspNetCore.Http;
using Rebound.Trajectories.Browsing;

namespace Rebound.Pages.Trajectories;

/// <summary>A view of the table as an address, and back: what is typed in its form, and where links lead.</summary>
public sealed record TrajectoryAddress(TrajectoryQuery Query, int Page)
{
    public const string Path = "/trajectories";

    private const int LongestText = 200;

    /// <summary>Reads the parts of an address that have a meaning; all else counts as not given.</summary>
    public static TrajectoryAddress Of(IQueryCollection query)
    {
        return new TrajectoryAddress(
            new TrajectoryQuery
            {
                File = Text("file"),
                Outcome = Text("outcome"),
                Cause = Text("cause"),
                Task = Text("task"),
                Text = Text("text") ?? "",
                MinTurns = Number("min-turns"),
                MaxTurns = Number("max-turns"),
                MinLength = Number("min-length"),
                MaxLength = Number("max-length"),
                Order = Enum.TryParse<TrajectoryOrder>(Text("sort"), ignoreCase: true, out var order) && Enum.IsDefined(order)
                    ? order : TrajectoryOrder.File,
                Descending = Text("down") == "1",
            },
            Math.Max(1, Number("page") ?? 1));

        string? Text(string name) => query[name].ToString().Trim() is { Length: > 0 and <= LongestText } text ? text : null;
        int? Number(string name) =>
            int.TryParse(query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>The address of this view; what is as usual is left out.</summary>
    public override string ToString()
    {
        (string Name, string? Value)[] parts =
        [
            ("outcome", Query.Outcome), ("cause", Query.Cause), ("task", Query.Task), ("file", Query.File),
            ("text", Query.Text.Length > 0 ? Query.Text : null),
            ("min-turns", Written(Query.MinTurns)), ("max-turns", Written(Query.MaxTurns)),
            ("min-length", Written(Query.MinLength)), ("max-length", Written(Query.MaxLength)),
            ("sort", Query.Order == TrajectoryOrder.File ? null : Query.Order.ToString().ToLowerInvariant()),
            ("down", Query.Descending ? "1" : null),
            ("page", Page == 1 ? null : Written(Page)),
        ];
        var given = string.Join(
            '&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={HttpUtility.UrlEncode(part.Value)}"));
        return given.Length == 0 ? Path : $"{Path}?{given}";
    }

    /// <summary>The same rows in another order; a second time the other way round.</summary>
    public TrajectoryAddress SortedBy(TrajectoryOrder order) =>
        new(Query with { Order = order, Descending = Query.Order == order && !Query.Descending }, 1);

    /// <summary>The page of one row.</summary>
    public static string Of(FoundTrajectory found) => Of(found.File.Id, found.Entry.Row);

    /// <inheritdoc cref="Of(FoundTrajectory)"/>
    public static string Of(string file, int row) => string.Create(CultureInfo.InvariantCulture, $"{Path}/{file}/{row}");

    private static string? Written(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
