namespace Rebound.Files.Rows;

/// <summary>A row of a file with its place, or why there is none.</summary>
/// <param name="Start">The first byte of the row in the file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Row">Null for a bad row.</param>
/// <param name="Problem">Null for a good one.</param>
public readonly record struct PlacedRow(long Start, int Length, DataRow? Row, DataException? Problem)
{
    /// <summary>The place before the row.</summary>
    public RowPlace Before { get; init; }

    /// <summary>The place behind the row; null in a list, which can be read from its beginning alone.</summary>
    public RowPlace? Behind { get; init; }
}
