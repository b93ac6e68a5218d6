using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Traces.Otlp;

namespace Rebound.Gateway.Forwarding;

/// <summary>The copy of a body, up to a bound; of a larger one nothing is kept.</summary>
internal sealed class BodyCopy(int mostBytes)
{
    private ArrayBufferWriter<byte>? _bytes = new();

    public bool IsTooLarge => _bytes is null;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is not null && _bytes.WrittenCount + (long)bytes.Length > mostBytes)
        {
            _bytes = null;
        }

        _bytes?.Write(bytes);
    }

    /// <summary>The body without its packing.</summary>
    /// <param name="encoding">As its header <c>Content-Encoding</c> says.</param>
    /// <exception cref="FormatException">It is too large, or packed in another way.</exception>
    public Stream Open(string encoding)
    {
        if (_bytes is null)
        {
            throw TooLarge();
        }

        var packed = new MemoryStream(_bytes.WrittenSpan.ToArray());
        Stream? unpacking = encoding.Trim().ToLowerInvariant() switch
        {
            "" or "identity" => null,
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            var other => throw new FormatException($"a body is packed as '{other}'"),
        };
        return unpacking is null ? packed : Unpacked(unpacking);
    }

    /// <exception cref="FormatException">It is none, or cannot be read.</exception>
    public JsonObject ReadObject(string encoding)
    {
        using var body = Open(encoding);
        using var bytes = new MemoryStream();
        body.CopyTo(bytes);
        try
        {
            var read = StrictJson.ParseElement(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), DuplicateNames.LastCounts);
            return TraceValues.Node(read) as JsonObject ?? throw new FormatException("a body is no JSON object");
        }
        catch (JsonException e)
        {
            throw new FormatException("a body is no JSON", e);
        }
    }

    public FormatException TooLarge() => new($"a body is larger than {mostBytes >> 20} MiB");

    private MemoryStream Unpacked(Stream unpacking)
    {
        using (unpacking)
        {
            try
            {
                var (bytes, buffer) = (new MemoryStream(), new byte[1 << 16]);
                for (var read = unpacking.Read(buffer); read > 0; read = unpacking.Read(buffer))
                {
                    if (bytes.Length + read > mostBytes)
                    {
                        throw TooLarge();
                    }

                    bytes.Write(buffer, 0, read);
                }

                bytes.Position = 0;
                return bytes;
            }
            catch (InvalidDataException e)
            {
                throw new FormatException("a body is packed and damaged", e);
            }
        }
    }
}
