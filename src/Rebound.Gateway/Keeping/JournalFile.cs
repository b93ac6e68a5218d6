using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Gateway.Keeping;

/// <summary>
/// The file that conversations are kept in, a line for each thing that was learned, in the order in which it was. A line is the system's
/// before <see cref="Append"/> returns, so that it outlives the process; one that was cut off is taken away when the file is next opened.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const string Name = "journal.log";
    private const string Kind = "rebound_journal";
    private const int Version = 1;

    private static readonly JsonWriterOptions Writing =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonOutput.OneLine.MaxDepth };

    private readonly SafeFileHandle _file;
    private long _end;

    private JournalFile(SafeFileHandle file, long end) => (_file, _end) = (file, end);

    /// <summary>Opens the journal of a folder, and hands out what it holds.</summary>
    /// <param name="take">Is given each line with its place.</param>
    /// <exception cref="DataException">It is damaged, or none of this program's.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static async Task<JournalFile> OpenAsync(string folder, Action<JsonElement, LinePlace> take, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, Name);
        var end = File.Exists(path) ? await ReadAsync(path, take, cancellation) : 0;
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var journal = new JournalFile(file, end);
        try
        {
            RandomAccess.SetLength(file, end);
            if (end == 0)
            {
                journal.Append([new JsonObject { [Kind] = Version }]);
            }

            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Adds lines in one go.</summary>
    /// <returns>The place of each.</returns>
    /// <exception cref="IOException">The disk refuses; none of them is there then.</exception>
    public IReadOnlyList<LinePlace> Append(IReadOnlyList<JsonObject> lines)
    {
        var text = new ArrayBufferWriter<byte>();
        var places = new LinePlace[lines.Count];
        using var writer = new Utf8JsonWriter(text, Writing);
        for (var i = 0; i < places.Length; i++)
        {
            var start = text.WrittenCount;
            lines[i].WriteTo(writer);
            writer.Flush();
            text.Write("\n"u8);
            places[i] = new LinePlace(_end + start, text.WrittenCount - start);
            writer.Reset();
        }

        try
        {
            RandomAccess.Write(_file, text.WrittenSpan, _end);
        }
        catch (IOException)
        {
            // What a full disk still took is no line.
            RandomAccess.SetLength(_file, _end);
            throw;
        }

        _end += text.WrittenCount;
        return places;
    }

    /// <summary>Reads a line again.</summary>
    public JsonElement Read(LinePlace place)
    {
        var bytes = new byte[place.Length];
        for (var read = 0; read < bytes.Length;)
        {
            var more = RandomAccess.Read(_file, bytes.AsSpan(read), place.Start + read);
            read += more > 0 ? more : throw new EndOfStreamException($"{Name} is shorter than it was.");
        }

        return StrictJson.ParseElement(bytes);
    }

    /// <summary>Returns when all lines are on the disk, and outlive the machine.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_file);

    public void Dispose() => _file.Dispose();

    /// <returns>The end of the last whole line.</returns>
    private static async Task<long> ReadAsync(string path, Action<JsonElement, LinePlace> take, CancellationToken cancellation)
    {
        var (end, length) = (0L, new FileInfo(path).Length);
        await foreach (var row in JsonRows.ReadPlacesAsync(path, cancellation: cancellation))
        {
            // A line and its end were written in one go: without its end it is the last, and was cut off.
            if (row.Start + row.Length >= length)
            {
                break;
            }

            var line = row.Row?.Element ?? throw row.Problem!;
            if (end == 0 && !(line.ValueKind == JsonValueKind.Object && line.TryGetProperty(Kind, out var version)
                && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) && number == Version))
            {
                throw new DataException(path, 1, null, $"is not the beginning of a journal of version {Version}: take another folder.");
            }

            if (end > 0)
            {
                take(line, new LinePlace(row.Start, row.Length));
            }

            end = row.Start + row.Length + 1;
        }

        return end;
    }
}

/// <summary>The place of a line within the journal.</summary>
internal readonly record struct LinePlace(long Start, int Length);
