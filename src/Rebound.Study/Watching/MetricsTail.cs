using System.Runtime.InteropServices;
using System.Text.Json;
using Rebound.Files;

namespace Rebound.Study.Watching;

/// <summary>
/// The metrics of a run, read from where the last reading ended. A line that is not whole yet waits for its end, and a file that is put
/// back to an earlier step is read anew.
/// </summary>
/// <param name="path">The file; it need not be there.</param>
internal sealed class MetricsTail(string path)
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Bytes before the end of what was read that tell whether the file only grew.</summary>
    private const int ProbedBytes = 512;

    private const string StepName = "step";

    /// <summary>A longer line is none of a run's.</summary>
    private const int LongestLine = 1 << 20;

    private readonly Dictionary<string, (List<int> Steps, List<float> Values)> _curves = new(StringComparer.Ordinal);
    private long _end;
    private uint _probe;
    private (long Length, DateTime Written)? _seen;

    /// <summary>Changes whenever there is something new.</summary>
    public int Version { get; private set; }

    /// <summary>When it was last written; null where it is not there.</summary>
    public DateTime? Written => _seen?.Written;

    /// <summary>The metrics in the order in which they first came, as they are now; steps are no metric.</summary>
    public IReadOnlyList<MetricCurve> Curves =>
        [.. _curves.Select(curve => new MetricCurve(curve.Key, [.. curve.Value.Steps], [.. curve.Value.Values]))];

    /// <summary>Reads what is new.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public void Refresh()
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            if (_seen is not null)
            {
                Forget();
                _seen = null;
            }

            return;
        }

        var seen = (file.Length, file.LastWriteTimeUtc);
        if (_seen == seen)
        {
            return;
        }

        using var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length < _end || Probe(stream) != _probe)
        {
            Forget();
        }

        ReadOn(stream);
        _probe = Probe(stream);
        _seen = seen;
        Version++;
    }

    private void ReadOn(FileStream stream)
    {
        stream.Position = _end;
        var buffer = new byte[BufferBytes];
        var kept = 0;
        while (stream.Read(buffer.AsSpan(kept)) is > 0 and var read)
        {
            kept += read;
            var start = 0;
            while (buffer.AsSpan(start, kept - start).IndexOf((byte)'\n') is >= 0 and var length)
            {
                Add(buffer.AsMemory(start, length));
                start += length + 1;
            }

            buffer.AsSpan(start, kept - start).CopyTo(buffer);
            (kept, _end) = (kept - start, _end + start);
            if (kept == buffer.Length)
            {
                if (kept >= LongestLine)
                {
                    return;
                }

                Array.Resize(ref buffer, 2 * kept);
            }
        }
    }

    /// <summary>A line that is no step of a run is left out.</summary>
    private void Add(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty(StepName, out var told) || !told.TryGetInt32(out var step))
            {
                return;
            }

            foreach (var member in json.RootElement.EnumerateObject())
            {
                if (member.Name != StepName && member.Value.ValueKind == JsonValueKind.Number)
                {
                    ref var curve = ref CollectionsMarshal.GetValueRefOrAddDefault(_curves, member.Name, out var isKnown);
                    curve = isKnown ? curve : ([], []);
                    curve.Steps.Add(step);
                    curve.Values.Add((float)member.Value.GetDouble());
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // It is no step.
        }
    }

    private uint Probe(FileStream stream)
    {
        var bytes = new byte[(int)Math.Min(ProbedBytes, _end)];
        stream.Position = _end - bytes.Length;
        return Crc32C.Of(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
    }

    private void Forget()
    {
        _curves.Clear();
        (_end, _probe) = (0, Crc32C.Of([]));
        Version++;
    }
}
