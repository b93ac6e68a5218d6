using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Rebound.Files;
using Rebound.Hub.Cache;

namespace Rebound.Hub.Transfer;

/// <summary>Downloads files into the cache in ranges, several at a time, and checks them before they get their names.</summary>
/// <param name="told">Is told of bytes that came, from any thread.</param>
internal sealed class FileDownload(
    HubClient client, HubOptions options, HubCache cache, HubReference model, string commit, Action<long> told) : IDisposable
{
    private const int BufferBytes = 1 << 17;

    private readonly SemaphoreSlim _connections = new(options.Connections);

    /// <exception cref="HubException">It cannot be had, or is not what the hub says it is.</exception>
    /// <exception cref="IOException">The disk refuses, or another process downloads the same.</exception>
    public async Task RunAsync(HubFile file, CancellationToken cancellation)
    {
        var blob = cache.BlobOf(model, file);
        if (File.Exists(blob) && new FileInfo(blob).Length == file.Size)
        {
            told(file.Size);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        var partial = $"{blob}{WholeFile.PartialSuffix}";
        var ranges = (int)Math.Max(1, (file.Size + options.RangeBytes - 1) / options.RangeBytes);
        using (var target = new PartialFile(partial, file.Size, ranges, options.RangeBytes))
        {
            await DownloadAsync(file, target, ranges, cancellation);
        }

        if (await SumAsync(partial, file, cancellation) != file.Blob)
        {
            File.Delete(partial);
            throw new HubException(
                $"{file.Path} of {model.Repository} is not what the hub says it is: its checksum is another one. It was thrown away; pull "
                    + "again.");
        }

        WholeFile.Complete(partial, blob);
    }

    public void Dispose() => _connections.Dispose();

    private async Task DownloadAsync(HubFile file, PartialFile target, int ranges, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tag = new SharedTag();
        var work = Enumerable.Range(0, ranges).Select(async range =>
        {
            var start = range * (long)options.RangeBytes;
            var length = Math.Min(options.RangeBytes, file.Size - start);
            if (target.IsWhole(range))
            {
                told(length);
                return;
            }

            await _connections.WaitAsync(stop.Token);
            try
            {
                var done = 0L;
                await client.TryAsync(file.Path, async () =>
                {
                    for (; done < length;)
                    {
                        done += await TakeAsync(file, target, start + done, length - done, tag, stop.Token);
                    }

                    return true;
                }, stop.Token);
                target.Mark(range);
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
            finally
            {
                _connections.Release();
            }
        }).ToArray();
        try
        {
            await Task.WhenAll(work);
        }
        catch (HubException e) when (e.InnerException is ChangedException)
        {
            target.Forget();
            throw;
        }

        target.Forget();
    }

    /// <returns>Bytes that came, up to the range's end.</returns>
    private async Task<long> TakeAsync(
        HubFile file, PartialFile target, long start, long length, SharedTag tag, CancellationToken cancellation)
    {
        var isWhole = start == 0 && length == file.Size;
        using var response = await client.OpenAsync(
            model, commit, file, isWhole ? null : new RangeHeaderValue(start, start + length - 1), cancellation);
        if (!isWhole && (response.StatusCode != HttpStatusCode.PartialContent
            || response.Content.Headers.ContentRange is not { From: { } from } || from != start))
        {
            throw new HubException($"{options.Endpoint.Host} sent other bytes of {file.Path} than were asked for.");
        }

        var seen = response.Headers.ETag?.Tag;
        if (tag.SetOrGet(seen) != seen)
        {
            throw new HubException(
                $"{file.Path} of {model.Repository} changed while it was downloaded: pull again.", new ChangedException());
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[BufferBytes];
        var done = 0L;
        try
        {
            while (done < length && await body.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                var kept = (int)Math.Min(read, length - done);
                target.Write(buffer.AsSpan(0, kept), start + done);
                done += kept;
                told(kept);
            }
        }
        catch (Exception e) when (done > 0 && (e is IOException or HttpRequestException))
        {
            // What came is kept, and the rest asked for again.
        }

        return done > 0 || length == 0 ? done : throw new PassingFailure("the connection was cut");
    }

    /// <summary>A large file's SHA-256, and of a small one what Git calls it.</summary>
    private static async Task<string> SumAsync(string path, HubFile file, CancellationToken cancellation)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, useAsync: false);
        if (file.Blob.Length == 2 * SHA256.HashSizeInBytes)
        {
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
        }

#pragma warning disable CA5350 // Git names contents so; the name of a content is all that it is here.
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        sum.AppendData(Encoding.ASCII.GetBytes($"blob {file.Size}\0"));
        var buffer = new byte[BufferBytes];
        for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0;)
        {
            sum.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    /// <summary>The mark of a content that all its ranges have to share.</summary>
    private sealed class SharedTag
    {
        private string? _value;

        public string? SetOrGet(string? seen) => seen is null ? null : Interlocked.CompareExchange(ref _value, seen, null) ?? seen;
    }

    private sealed class ChangedException : Exception;
}
