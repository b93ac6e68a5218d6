using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Rebound.Trajectories.Formats;

/// <summary>
/// Reads the rows of a JSON array or of JSON lines one at a time; which of the two a file is, its first character
/// says. Memory is one row's, whatever the size of the file.
/// </summary>
internal static class JsonRows
{
    private const int BufferBytes = 1 << 16;

    /// <exception cref="DataException">The file is absent, is not JSON, or holds no row.</exception>
    public static async IAsyncEnumerable<DataRow> ReadAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stream = Open(path);
        var isArray = StartsWithBracket(stream);
        var values = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(
            stream, topLevelValues: !isArray, JsonSerializerOptions.Default, cancellation);
        var row = 0;
        await using var enumerator = values.GetAsyncEnumerator(cancellation);
        while (await MoveNextAsync(enumerator, path))
        {
            yield return new DataRow(path, ++row, enumerator.Current);
        }

        if (row == 0)
        {
            throw new DataException(path, null, null, "holds no rows: a JSON list or one JSON object a line was expected.");
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<JsonElement> rows, string path)
    {
        try
        {
            return await rows.MoveNextAsync();
        }
        catch (JsonException e)
        {
            throw new DataException(path, null, null, $"line {e.LineNumber + 1} is not valid JSON: {FirstSentence(e.Message)}", e);
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, null, null, $"cannot be read: {e.Message}", e);
        }
    }

    private static bool StartsWithBracket(FileStream stream)
    {
        ReadOnlySpan<byte> skipped = [0xEF, 0xBB, 0xBF, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n'];
        int value;
        do
        {
            value = stream.ReadByte();
        }
        while (value >= 0 && skipped.Contains((byte)value));

        stream.Position = 0;
        return value == '[';
    }

    private static string FirstSentence(string message) => message.Split(" Path:", 2)[0].Split(" LineNumber:", 2)[0];
}
