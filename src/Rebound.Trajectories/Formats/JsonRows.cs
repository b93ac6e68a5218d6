using System.Runtime.CompilerServices;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Reads the rows of a JSON list or of JSON lines one at a time; which of the two a file is, its first character says.
/// Memory is that of the longest row, whatever the size of the file.
/// </summary>
public static class JsonRows
{
    /// <param name="onBadRow">
    /// Where a line that is not JSON is handed, to be left out; null to end the reading there, as a list that is not JSON
    /// always does.
    /// </param>
    /// <exception cref="DataException">The file is absent, is not JSON, or holds no row.</exception>
    public static async IAsyncEnumerable<DataRow> ReadAsync(
        string path, Action<DataException>? onBadRow = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stream = Open(path);
        var scanner = new JsonValueScanner(stream);
        var row = 0;
        while (true)
        {
            DataRow? read = null;
            try
            {
                if (await scanner.NextAsync(cancellation) is not { } element)
                {
                    break;
                }

                read = new DataRow(path, ++row, element);
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

        if (row == 0)
        {
            throw new DataException(path, null, null, "holds no rows: a JSON list or one JSON object a line was expected.");
        }
    }

    /// <summary>The number of rows of a file, good or bad.</summary>
    public static async Task<int> CountAsync(string path, CancellationToken cancellation = default)
    {
        var bad = 0;
        var good = 0;
        await foreach (var _ in ReadAsync(path, _ => bad++, cancellation))
        {
            good++;
        }

        return good + bad;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, null, null, $"cannot be read: {e.Message}", e);
        }
    }
}
