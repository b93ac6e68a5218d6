namespace Rebound.Files.Rows;

/// <summary>A place between two rows of JSON lines, from which the file can be read on.</summary>
/// <param name="Offset">Bytes before it.</param>
/// <param name="Row">Rows before it.</param>
/// <param name="Line">Its line, counted from 1.</param>
public readonly record struct RowPlace(long Offset, int Row, long Line);
