using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Rebound.Testing;

/// <summary>The hub's public interface with one repository, whose large files lie on another server, and misbehaviour on request.</summary>
internal sealed partial class HubServer : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly ConcurrentDictionary<string, byte[]> _files = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _storeTokens = new();
    private readonly LocalServer _hub;
    private readonly LocalServer _store;
    private int _served;

    public HubServer()
    {
        _hub = new LocalServer((_, context) => HubAsync(context));
        _store = new LocalServer((_, context) => StoreAsync(context));
    }

    public Uri Address => _hub.Address;

    /// <summary>The key that it asks for; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Bytes after which a connection is cut, once a request; 0 for never.</summary>
    public int CutAfter { get; init; }

    /// <summary>Requests of contents that are told to come later.</summary>
    public int Busy { get; set; }

    /// <summary>Whether contents have other bytes than were promised.</summary>
    public bool IsWrong { get; set; }

    /// <summary>Whether every answer names another content.</summary>
    public bool IsChanging { get; set; }

    /// <summary>An error in place of every answer.</summary>
    public (int Status, string Code)? Error { get; set; }

    /// <summary>Requests of contents, as <c>PATH RANGE</c>.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Keys that the server of contents was sent.</summary>
    public IReadOnlyCollection<string> StoreTokens => _storeTokens;

    public void Add(string path, string text) => Add(path, Encoding.UTF8.GetBytes(text));

    public void Add(string path, byte[] bytes) => _files[path] = bytes;

    public static byte[] Random(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

#pragma warning disable CA5350 // Git names contents so.
    public static string BlobOf(string path, byte[] bytes) => IsLarge(path)
        ? Convert.ToHexStringLower(SHA256.HashData(bytes))
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));
#pragma warning restore CA5350

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static bool IsLarge(string path) => Path.GetExtension(path) is ".safetensors" or ".gguf" or ".bin";

    private async Task HubAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        if (Error is var (status, code))
        {
            context.Response.AddHeader("X-Error-Code", code);
            await LocalServer.Say(context, status, "{}");
            return;
        }

        if (Token is not null && context.Request.Headers["Authorization"] != $"Bearer {Token}")
        {
            await LocalServer.Say(context, 401, "{}");
            return;
        }

        if (await PushAsync(context))
        {
            return;
        }

        if (path.StartsWith("/api/models/owner/model/revision/", StringComparison.Ordinal) && Exists)
        {
            await LocalServer.Say(context, 200, new JsonObject
            {
                ["sha"] = Head,
                ["private"] = IsPrivate,
                ["siblings"] = new JsonArray([.. _files.Select(file => Sibling(file.Key, file.Value))]),
            }.ToJsonString());
            return;
        }

        var prefix = $"/owner/model/resolve/{Head}/";
        var name = path.StartsWith(prefix, StringComparison.Ordinal) ? Uri.UnescapeDataString(path[prefix.Length..]) : "";
        if (!_files.TryGetValue(name, out var bytes))
        {
            context.Response.AddHeader("X-Error-Code", "RepoNotFound");
            await LocalServer.Say(context, 404, "{}");
        }
        else if (IsLarge(name))
        {
            context.Response.RedirectLocation = $"{_store.Address}{Uri.EscapeDataString(name)}?signed=1";
            await LocalServer.Say(context, 302, "");
        }
        else
        {
            await SendAsync(context, name, bytes);
        }
    }

    private async Task StoreAsync(HttpListenerContext context)
    {
        if (context.Request.Headers["Authorization"] is { } token)
        {
            _storeTokens.Enqueue(token);
        }

        if (context.Request.HttpMethod == "PUT")
        {
            await TakeAsync(context);
            return;
        }

        var name = Uri.UnescapeDataString(context.Request.Url!.AbsolutePath[1..]);
        await SendAsync(context, name, _files[name]);
    }

    private async Task SendAsync(HttpListenerContext context, string name, byte[] bytes)
    {
        var range = context.Request.Headers["Range"];
        _requests.Enqueue($"{name} {range}");
        if (Busy > 0)
        {
            Busy--;
            context.Response.AddHeader("Retry-After", "1");
            await LocalServer.Say(context, 429, "{}");
            return;
        }

        var served = Interlocked.Increment(ref _served);
        var sent = IsWrong ? [.. bytes.Select(value => (byte)~value)] : bytes;
        context.Response.AddHeader("ETag", IsChanging ? $"\"{served}\"" : $"\"{BlobOf(name, bytes)}\"");
        if (range is not null)
        {
            var ends = range["bytes=".Length..].Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            context.Response.StatusCode = 206;
            context.Response.AddHeader("Content-Range", $"bytes {ends[0]}-{ends[1]}/{bytes.Length}");
            sent = sent[ends[0]..(ends[1] + 1)];
        }

        if (CutAfter > 0 && sent.Length > CutAfter)
        {
            context.Response.ContentLength64 = sent.Length;
            await context.Response.OutputStream.WriteAsync(sent.AsMemory(0, CutAfter));
            await context.Response.OutputStream.FlushAsync();
            context.Response.Abort();
            return;
        }

        await LocalServer.Say(context, sent, "application/octet-stream");
    }

    private static JsonObject Sibling(string path, byte[] bytes)
    {
        var file = new JsonObject { ["rfilename"] = path, ["size"] = bytes.Length };
        if (IsLarge(path))
        {
            (file["blobId"], file["lfs"]) = (new string('0', 40), new JsonObject { ["sha256"] = BlobOf(path, bytes), ["size"] = bytes.Length });
        }
        else
        {
            file["blobId"] = BlobOf(path, bytes);
        }

        return file;
    }
}
