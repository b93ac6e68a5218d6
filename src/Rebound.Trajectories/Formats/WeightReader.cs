using Rebound.Files.Rows;

namespace Rebound.Trajectories.Formats;

/// <summary>Reads how much a row counts in training: its <c>weight</c> or <c>loss_weight</c>.</summary>
internal static class WeightReader
{
    private static readonly string[] Names = ["weight", "loss_weight"];

    /// <returns>1 where the row does not say.</returns>
    /// <exception cref="DataException">It is no number of 0 or more, or both are there and differ.</exception>
    public static double Read(DataRow row)
    {
        double? weight = null;
        foreach (var name in Names)
        {
            if (DataRow.Optional(row.Element, name) is { } value)
            {
                var read = row.Number(value, name);
                if (!(read >= 0) || !double.IsFinite(read))
                {
                    throw row.Error(name, $"is {read}; how much a row counts is a number of 0 or more.");
                }

                if (weight is { } other && other != read)
                {
                    throw row.Error(name, $"is {read}, and the same row's {Names[0]} is {other}.");
                }

                weight = read;
            }
        }

        return weight ?? 1;
    }
}
