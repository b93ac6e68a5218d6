using System.Runtime.CompilerServices;
using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Files.Rows;

/// <summary>
/// Reads the rows of a JSON list or of JSON lines one at a time; which of the two a file is, its first character says.
/// Memory is that of the longest row, whatever the size of the file.
/// </summary>
public static class JsonRows
{
    /// <summary>
    /// Streams the rows of a file in order. A name that an object has twice has its last value; a row that nests too deep or
    /// holds a text that is not valid Unicode is a bad one.
    /// </summary>
    /// <param name="onBadRow">
    /// Where a bad row is handed, to be left out, and a line that is not JSON; null to end the reading there, as a list that is not
    /// JSON always does.
    /// </param>
    /// <param name="takesEmptyList">Whether a list of no rows is one, as of the successes where there were none.</param>
    /// <exception cref="DataException">The file is absent, is not JSON, or holds no row.</exception>
    public static async IAsyncEnumerable<DataRow> ReadAsync(
        string path,
        Action<DataException>? onBadRow = null,
        bool takesEmptyList = false,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stream = Open(path, FileShare.Read);
        var scanner = new JsonValueScanner(stream);
        var row = 0;
        while (true)
        {
            DataRow? read = null;
            try
            {
                if (await scanner.NextAsync(cancellation) is not { } value)
                {
                    break;
                }

                read = Parse(path, ++row, value.Span, onBadRow);
            }
            catch (FormatException e)
            {
                var error = new DataException(path, ++row, null, e.Message, e);
                if (onBadRow is null || !await scanner.SkipLineAsync(cancellation))
                {
                    throw error;
                }

                onBadRow(error);
            }

            if (read is { } good)
            {
                yield return good;
            }
        }

        if (row == 0 && !(takesEmptyList && scanner.IsList))
        {
            throw new DataException(path, null, null, "holds no rows: a JSON list or one JSON object a line was expected.");
        }
    }

    /// <summary>
    /// Streams all rows of a file with their places, good and bad ones, so that each can be read again alone (<see cref="ReadAt"/>). The
    /// file may be written meanwhile.
    /// </summary>
    /// <param name="behind">A place of the same file, JSON lines, behind which to go on; null for all rows.</param>
    /// <exception cref="DataException">The file cannot be opened.</exception>
    public static async IAsyncEnumerable<PlacedRow> ReadPlacesAsync(
        string path, RowPlace? behind = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stream = Open(path, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = behind?.Offset ?? 0;
        var scanner = new JsonValueScanner(stream, behind);
        for (var (row, ends) = ((behind?.Row ?? 0) + 1, false); !ends; row++)
        {
            PlacedRow? read = null;
            var (start, line) = (scanner.Position, scanner.Line);
            try
            {
                if (await scanner.NextAsync(cancellation) is not { } value)
                {
                    break;
                }

                DataException? problem = null;
                var parsed = Parse(path, row, value.Span, error => problem = error);
                read = new PlacedRow(scanner.Position - value.Length, value.Length, parsed, problem);
            }
            catch (FormatException e)
            {
                var isInList = !await scanner.SkipLineAsync(cancellation);
                (start, ends) = (scanner.IsList ? scanner.Position : start, isInList);
                read = new PlacedRow(start, (int)(scanner.Position - start), null, new DataException(path, row, null, e.Message, e));
            }

            yield return read.Value with
            {
                Before = new RowPlace(start, row - 1, line),
                Behind = scanner.IsList ? null : new RowPlace(scanner.Position, row, scanner.Line),
            };
        }
    }

    /// <summary>Reads a row alone, from the place that <see cref="ReadPlacesAsync"/> told.</summary>
    /// <exception cref="DataException">There is no such row any more: the file has changed.</exception>
    public static DataRow ReadAt(string path, int row, long start, int length)
    {
        using var stream = Open(path, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[length];
        stream.Position = start;
        if (stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false) < length)
        {
            throw new DataException(path, row, null, "is not there any more: the file is shorter than it was.");
        }

        return Parse(path, row, bytes, onBadRow: null)!.Value;
    }

    /// <summary>The number of rows of a file, good or bad.</summary>
    public static async Task<int> CountAsync(string path, CancellationToken cancellation = default)
    {
        var bad = 0;
        var good = 0;
        await foreach (var _ in ReadAsync(path, _ => bad++, takesEmptyList: true, cancellation))
        {
            good++;
        }

        return good + bad;
    }

    private static DataRow? Parse(string path, int row, ReadOnlySpan<byte> value, Action<DataException>? onBadRow)
    {
        try
        {
            return new DataRow(path, row, StrictJson.ParseElement(value, DuplicateNames.LastCounts));
        }
        catch (JsonException e)
        {
            var error = new DataException(path, row, (e as StrictJsonException)?.Path, $"{JsonProblem.Sentence(e)}.", e);
            if (onBadRow is null)
            {
                throw error;
            }

            onBadRow(error);
            return null;
        }
    }

    private static FileStream Open(string path, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, share, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, null, null, $"cannot be read: {e.Message}", e);
        }
    }
}
