using System.IO.Compression;
using System.Text.Json;
using Google.Protobuf;
using Rebound.Files.Json;

namespace Rebound.Traces.Otlp;

/// <summary>
/// Reads exported traces: OTLP as JSON, as JSON lines and as Protobuf, each also packed by gzip or within a zip, told by what they hold.
/// </summary>
public sealed class TraceFiles
{
    private static readonly string[] Endings = [".json", ".jsonl", ".ndjson", ".log", ".pb", ".bin", ".proto", ".otlp", ".gz", ".zip"];

    private static readonly EnumerationOptions Nested =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden };

    private readonly List<string> _notes = [];

    /// <summary>The spans and events that were read so far.</summary>
    public TraceData Data { get; } = new();

    /// <summary>Files that hold no traces, and what was cut off, a sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>A file as it is; of a folder all that may be traces, those of its folders too, in the order of their paths.</summary>
    public static IEnumerable<string> Of(string path) => !Directory.Exists(path) ? [path]
        : Directory.EnumerateFiles(path, "*", Nested)
            .Where(file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);

    /// <exception cref="FormatException">It is damaged; the sentence names file and place.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Read(string file)
    {
        using var stream = File.OpenRead(file);
        Read(stream, file);
    }

    private void Read(Stream stream, string name)
    {
        Span<byte> head = stackalloc byte[8];
        var start = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        try
        {
            if (start is [0x1F, 0x8B, ..])
            {
                using var unpacked = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
                Read(Buffered(unpacked), name);
            }
            else if (start is [(byte)'P', (byte)'K', 3 or 5, ..])
            {
                ReadZip(stream, name);
            }
            else if (OtlpProtobufReader.Looks(start) && !IsText(start))
            {
                OtlpProtobufReader.Read(Bytes(stream), Data);
            }
            else
            {
                ReadJson(stream, name);
            }
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException or FormatException)
        {
            throw new FormatException(e.Message.StartsWith(name, StringComparison.Ordinal) ? e.Message : $"{name}: {e.Message}", e);
        }
    }

    private void ReadZip(Stream stream, string name)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        foreach (var entry in zip.Entries.Where(entry => entry.Length > 0))
        {
            if (Endings.Contains(Path.GetExtension(entry.Name), StringComparer.OrdinalIgnoreCase))
            {
                using var unpacked = entry.Open();
                Read(Buffered(unpacked), $"{name}/{entry.FullName}");
            }
        }
    }

    /// <summary>A value, or several on lines of their own.</summary>
    private void ReadJson(Stream stream, string name)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        var (any, line) = (false, 0);
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.AsSpan().Trim().IsEmpty)
            {
                continue;
            }

            if (Parsed(text) is { } value)
            {
                any |= InPlace(value, name, line);
                continue;
            }

            if (line == 1 || !any)
            {
                any = InPlace(Whole(stream, name), name, line: null);
                break;
            }

            if (reader.Peek() < 0)
            {
                _notes.Add($"{name}: line {line}, the last, was cut off and is left out.");
                break;
            }

            throw new FormatException($"{name}: line {line} is not valid JSON.");
        }

        if (!any)
        {
            _notes.Add($"{name} holds no OpenTelemetry data ('resourceSpans' or 'resourceLogs') and is left out.");
        }
    }

    private bool InPlace(JsonElement value, string name, int? line)
    {
        try
        {
            return OtlpJsonReader.Read(value, Data);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{name}: {(line is null ? "" : $"line {line}: ")}{e.Message}", e);
        }
    }

    private static JsonElement Whole(Stream stream, string name)
    {
        stream.Position = 0;
        try
        {
            return StrictJson.ParseElement(Bytes(stream), DuplicateNames.LastCounts);
        }
        catch (JsonException e)
        {
            throw new FormatException($"{name} is neither OTLP's Protobuf nor valid JSON: {JsonProblem.Of(e)}.", e);
        }
    }

    private static JsonElement? Parsed(string line)
    {
        try
        {
            return StrictJson.ParseElement(line, DuplicateNames.LastCounts);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A file whose first byte would be Protobuf's is text where a line's end is that byte, and JSON follows.</summary>
    private static bool IsText(ReadOnlySpan<byte> start) =>
        start.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', var next, ..] && " \t\r\n\"{}[]"u8.Contains(next);

    private static byte[] Bytes(Stream stream)
    {
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private static MemoryStream Buffered(Stream stream)
    {
        var all = new MemoryStream();
        stream.CopyTo(all);
        all.Position = 0;
        return all;
    }
}
