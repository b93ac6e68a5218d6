namespace Rebound.Files.Rows;

/// <summary><see cref="BadRows"/> as they are stored: the messages, without what caused them.</summary>
/// <param name="First">The first of all.</param>
/// <param name="Kinds">The kinds in the order of their first rows.</param>
public sealed record BadRowsRecord(int Good, RowFault Fault, IReadOnlyList<BadRow> First, IReadOnlyList<BadRowKind> Kinds);

/// <summary>Bad rows of one kind.</summary>
/// <param name="First">The first of them; none where the kind is one of many.</param>
public sealed record BadRowKind(string Kind, int Count, IReadOnlyList<BadRow> First);

/// <summary>A row that could not be used.</summary>
public sealed record BadRow(string File, int? Row, string? Field, string Problem, RowFault Fault)
{
    internal static BadRow Of(DataException row) => new(row.File, row.Row, row.Field, row.Problem, row.Fault);

    internal DataException ToException() => new(File, Row, Field, Problem) { Fault = Fault };
}
