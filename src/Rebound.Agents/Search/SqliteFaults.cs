using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Rebound.Agents.Search;

/// <summary>What a database's errors mean for the file that it is.</summary>
internal static class SqliteFaults
{
    /// <summary>Whether an exception says that a database that is read is damaged, or none.</summary>
    public static bool IsDamage(Exception exception) => exception is SqliteException or InvalidCastException or InvalidOperationException
        or FormatException or OverflowException or ArgumentException;

    /// <summary>Why a database could not be written, as a sentence about its path.</summary>
    public static IOException CannotWrite(string path, SqliteException fault) => new(
        $"{path} cannot be written: {(fault.SqliteErrorCode == raw.SQLITE_FULL || fault.SqliteExtendedErrorCode == raw.SQLITE_IOERR_WRITE
            ? "the disk is full."
            : Sentence(fault))}",
        fault);

    /// <summary>The database's own words, without its number and quotation marks: <c>database disk image is malformed</c>.</summary>
    public static string Sentence(Exception fault) => fault.Message.Split('\'') is [_, { Length: > 0 } words, ..] ? $"{words.TrimEnd('.')}." : fault.Message;
}
