namespace Rebound.Files.Rows;

/// <summary>Data that cannot be used, with the problem, file, row and field.</summary>
public sealed class DataException : Exception
{
    public DataException(string file, int? row, string? field, string problem, Exception? inner = null)
        : base($"{file}{(row is null ? "" : $": row {row}")}{(field is null ? "" : $": '{field}'")}: {problem}", inner)
    {
        File = file;
        Row = row;
        Field = field;
        Problem = problem;
    }

    public string File { get; }

    /// <summary>Counted from 1; in a file of one row a line it is the line.</summary>
    public int? Row { get; }

    /// <summary>For example <c>conversations[2].content</c>.</summary>
    public string? Field { get; }

    /// <summary>The message without its place.</summary>
    public string Problem { get; }

    /// <summary>The kind of fault, where one remedy helps with all rows at once.</summary>
    public RowFault Fault { get; init; }

    /// <summary>All bad rows of a reading, of which this is the error; null for the error of one.</summary>
    public BadRows? Rows { get; init; }
}

/// <summary>Faults of the data as a whole, not of one row.</summary>
public enum RowFault
{
    Other,

    /// <summary>A trajectory that begins with an answer, where a question is to be asked.</summary>
    WithoutQuestion,

    /// <summary>A question where a trajectory was expected.</summary>
    IsQuestion,
}
