using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Rebound.Agents.Search;

/// <summary>Maps errors of SQLite to sentences about the file.</summary>
internal static class SqliteFaults
{
    /// <summary>Whether an exception means that the file is damaged, or not a database.</summary>
    public static bool IsDamage(Exception exception) => exception is SqliteException or InvalidCastException or InvalidOperationException
        or FormatException or OverflowException or ArgumentException;

    /// <summary>Why a database could not be written, as a sentence about its path.</summary>
    public static IOException CannotWrite(string path, SqliteException fault) => new(
        fault.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => $"{path} cannot be written: the disk is full.",
            raw.SQLITE_IOERR => $"{path} cannot be written: the disk takes nothing more.",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => $"{path} cannot be written: it is damaged.",
            _ => $"{path} cannot be written: {fault.Message}",
        },
        fault);
}
