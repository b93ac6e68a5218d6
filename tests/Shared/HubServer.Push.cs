using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Rebound.Testing;

/// <summary>The interface by which files come to the hub.</summary>
internal sealed partial class HubServer
{
    private readonly ConcurrentDictionary<string, byte[]> _objects = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, byte[]>> _uploads = new();
    private readonly ConcurrentDictionary<string, bool> _spent = new();
    private readonly ConcurrentQueue<string> _puts = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly Lock _turn = new();
    private int _commits;
    private int _uploadCount;

    /// <summary>Whether the repository is there.</summary>
    public bool Exists { get; set; } = true;

    public bool IsPrivate { get; set; }

    /// <summary>The newest commit.</summary>
    public string Head { get; private set; } = Commit;

    /// <summary>The branches beside <c>main</c> that are not there.</summary>
    public ConcurrentDictionary<string, bool> AbsentBranches { get; } = new();

    /// <summary>Bytes of a part; contents that are larger come in several. 0 for all whole.</summary>
    public int PartBytes { get; init; }

    /// <summary>Whether all uploads of a content are the same to the storage, so that parts of one count for the next.</summary>
    public bool KeepsUploads { get; init; }

    /// <summary>Where contents are to be sent; null for straight to the storage.</summary>
    public Uri? StoreRelay { get; set; }

    /// <summary>Where the storage is.</summary>
    public Uri StoreAddress => _store.Address;

    /// <summary>Contents that the storage answers with 503.</summary>
    public int FailedPuts { get; set; }

    /// <summary>Requests to the hub that it is too busy for.</summary>
    public int BusyAsks { get; set; }

    /// <summary>Contents that the storage gives a wrong mark to.</summary>
    public int WrongMarks { get; set; }

    /// <summary>Whether the storage gives no marks.</summary>
    public bool GivesNoMarks { get; set; }

    /// <summary>Contents after which the addresses of their upload are taken no more.</summary>
    public int ExpiresAfter { get; set; } = int.MaxValue;

    /// <summary>Uploads whose contents arrive wrong.</summary>
    public int Mismatches { get; set; }

    /// <summary>Commits after which the connection is cut.</summary>
    public int CutCommits { get; set; }

    /// <summary>A refusal of one step: <c>create</c>, <c>preupload</c>, <c>batch</c>, <c>object</c> or <c>commit</c>.</summary>
    public (string Step, int Status, string Reason)? Refusal { get; set; }

    /// <summary>A path that the repository's .gitignore leaves out.</summary>
    public string? Ignored { get; init; }

    /// <summary>Is told of every content that the storage took.</summary>
    public Action? OnPut { get; set; }

    /// <summary>Contents that were sent, as <c>SHA-256#PART</c>; a whole one is part 0.</summary>
    public IReadOnlyList<string> Puts => [.. _puts];

    /// <summary>Requests of a push to the hub, as <c>VERB</c> with what it carries.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public IReadOnlyDictionary<string, byte[]> Files => _files;

    public int Commits => _commits;

    private async Task<bool> PushAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        if (path.StartsWith("/api/models/owner/model/revision/", StringComparison.Ordinal))
        {
            return await AbsentAsync(context, Uri.UnescapeDataString(path.Split('/')[^1]));
        }

        if (context.Request.HttpMethod != "POST")
        {
            return false;
        }

        var body = Encoding.UTF8.GetString(await BytesAsync(context));
        var verb = path switch
        {
            "/api/repos/create" => "create",
            "/api/complete_multipart" => "complete",
            "/owner/model.git/info/lfs/objects/batch" => "batch",
            "/owner/model.git/info/lfs/verify" => "verify",
            _ when path.StartsWith("/api/models/owner/model/", StringComparison.Ordinal) => path.Split('/')[5],
            _ => "",
        };
        if (Count(() => BusyAsks, value => BusyAsks = value))
        {
            context.Response.AddHeader("Retry-After", "7");
            await LocalServer.Say(context, 429, "{}");
            return true;
        }

        _asked.Enqueue($"{verb} {body}");
        if (Refusal is var (step, status, reason) && step == verb)
        {
            await LocalServer.Say(context, status, new JsonObject { ["error"] = reason }.ToJsonString());
            return true;
        }

        await (verb switch
        {
            "create" => CreateAsync(context, JsonNode.Parse(body)!),
            "branch" => BranchAsync(context, Uri.UnescapeDataString(path.Split('/')[^1])),
            "preupload" => PreuploadAsync(context, JsonNode.Parse(body)!),
            "batch" => BatchAsync(context, JsonNode.Parse(body)!),
            "complete" => CompleteAsync(context, JsonNode.Parse(body)!),
            "verify" => VerifyAsync(context, JsonNode.Parse(body)!),
            "commit" => CommitAsync(context, body),
            _ => LocalServer.Say(context, 404, "{}"),
        });
        return true;
    }

    private async Task<bool> AbsentAsync(HttpListenerContext context, string branch)
    {
        if (Exists && !AbsentBranches.ContainsKey(branch))
        {
            return false;
        }

        context.Response.AddHeader("X-Error-Code", Exists ? "RevisionNotFound" : "RepoNotFound");
        await LocalServer.Say(context, 404, "{}");
        return true;
    }

    private Task CreateAsync(HttpListenerContext context, JsonNode asked)
    {
        if (Exists || (string?)asked["organization"] != "owner" || (string?)asked["name"] != "model")
        {
            return LocalServer.Say(context, 409, """{"error": "You already created this model repo"}""");
        }

        (Exists, IsPrivate) = (true, (bool)asked["private"]!);
        return LocalServer.Say(context, 200, """{"url": "there"}""");
    }

    private Task BranchAsync(HttpListenerContext context, string branch)
    {
        AbsentBranches.TryRemove(branch, out _);
        return LocalServer.Say(context, 200, "{}");
    }

    private Task PreuploadAsync(HttpListenerContext context, JsonNode asked) => LocalServer.Say(context, 200, new JsonObject
    {
        ["files"] = new JsonArray([.. asked["files"]!.AsArray().Select(file => new JsonObject
        {
            ["path"] = (string)file!["path"]!,
            ["uploadMode"] = IsLarge((string)file["path"]!) ? "lfs" : "regular",
            ["shouldIgnore"] = (string)file["path"]! == Ignored,
        })]),
    }.ToJsonString());

    private Task BatchAsync(HttpListenerContext context, JsonNode asked) => LocalServer.Say(context, 200, new JsonObject
    {
        ["transfer"] = PartBytes > 0 ? "multipart" : "basic",
        ["objects"] = new JsonArray(
            [.. asked["objects"]!.AsArray().Select(item => Instruction((string)item!["oid"]!, (long)item["size"]!))]),
    }.ToJsonString());

    private JsonObject Instruction(string oid, long size)
    {
        var answer = new JsonObject { ["oid"] = oid, ["size"] = size };
        if (Refusal is ("object", var status, var reason))
        {
            answer["error"] = new JsonObject { ["code"] = status, ["message"] = reason };
        }
        else if (!_objects.ContainsKey(oid))
        {
            var id = KeepsUploads ? oid[..8] : $"{Interlocked.Increment(ref _uploadCount)}-{oid[..8]}";
            _uploads.TryAdd(id, new ConcurrentDictionary<int, byte[]>());
            _spent.TryRemove(id, out _);
            var signature = Interlocked.Increment(ref _uploadCount);
            string Store(int part) => $"{StoreRelay ?? StoreAddress}{oid}?uploadId={id}&partNumber={part}&signature={signature}";
            var parts = PartBytes > 0 && size > PartBytes ? (int)((size + PartBytes - 1) / PartBytes) : 0;
            var header = new JsonObject();
            for (var part = 1; part <= parts; part++)
            {
                header[part.ToString("00000", CultureInfo.InvariantCulture)] = Store(part);
            }

            if (parts > 0)
            {
                header["chunk_size"] = $"{PartBytes}";
            }

            answer["actions"] = new JsonObject
            {
                ["upload"] = new JsonObject
                {
                    ["href"] = parts > 0 ? $"{Address}api/complete_multipart?uploadId={id}" : Store(0),
                    ["header"] = header,
                },
                ["verify"] = new JsonObject { ["href"] = $"{Address}owner/model.git/info/lfs/verify" },
            };
        }

        return answer;
    }

    /// <summary>A content, or a part of one, comes to the storage.</summary>
    private async Task TakeAsync(HttpListenerContext context)
    {
        var query = context.Request.QueryString;
        var (oid, id, part) = (
            context.Request.Url!.AbsolutePath[1..], query["uploadId"]!, int.Parse(query["partNumber"]!, CultureInfo.InvariantCulture));
        var bytes = await BytesAsync(context);
        if (Count(() => FailedPuts, value => FailedPuts = value))
        {
            await LocalServer.Say(context, 503, "<Error><Code>SlowDown</Code></Error>", "application/xml");
            return;
        }

        if (_spent.ContainsKey(id) || Spend(id))
        {
            await LocalServer.Say(
                context, 403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", "application/xml");
            return;
        }

        _puts.Enqueue($"{oid}#{part}");
        _uploads[id][part] = bytes;
        if (part == 0)
        {
            _objects[oid] = bytes;
        }

        var isWrong = Count(() => WrongMarks, value => WrongMarks = value);
        if (!GivesNoMarks)
        {
            context.Response.AddHeader("ETag", Mark(isWrong ? [] : bytes));
        }

        await LocalServer.Say(context, 200, "");
        OnPut?.Invoke();
    }

    private Task CompleteAsync(HttpListenerContext context, JsonNode asked)
    {
        var id = context.Request.QueryString["uploadId"]!;
        var parts = _uploads[id];
        var told = asked["parts"]!.AsArray();
        var isRight = told.All(part => parts.TryGetValue((int)part!["partNumber"]!, out var bytes) && Mark(bytes) == (string)part["etag"]!);
        if (!isRight || told.Count != parts.Count)
        {
            return LocalServer.Say(context, 400, """{"error": "One or more of the specified parts could not be found"}""");
        }

        _objects[(string)asked["oid"]!] = [.. parts.OrderBy(part => part.Key).SelectMany(part => part.Value)];
        return LocalServer.Say(context, 200, "{}");
    }

    private Task VerifyAsync(HttpListenerContext context, JsonNode asked)
    {
        var oid = (string)asked["oid"]!;
        if (Count(() => Mismatches, value => Mismatches = value))
        {
            _objects.TryRemove(oid, out _);
        }

        return _objects.TryGetValue(oid, out var bytes) && bytes.Length == (long)asked["size"]!
            && Convert.ToHexStringLower(SHA256.HashData(bytes)) == oid
            ? LocalServer.Say(context, 200, "{}")
            : LocalServer.Say(context, 422, """{"error": "The checksum of the object is another one"}""");
    }

    private async Task CommitAsync(HttpListenerContext context, string body)
    {
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        if ((string?)lines[0]["key"] != "header" || string.IsNullOrEmpty((string?)lines[0]["value"]!["summary"]))
        {
            await LocalServer.Say(context, 400, """{"error": "no header"}""");
            return;
        }

        foreach (var line in lines.Skip(1))
        {
            var value = line["value"]!;
            var bytes = (string?)line["key"] == "file" ? Convert.FromBase64String((string)value["content"]!)
                : _objects.GetValueOrDefault((string)value["oid"]!);
            if (bytes is null)
            {
                await LocalServer.Say(context, 400, """{"error": "an LFS pointer points to a file that does not exist"}""");
                return;
            }

            _files[(string)value["path"]!] = bytes;
        }

        Head = (Interlocked.Increment(ref _commits) + 0xabcdef).ToString("x40", CultureInfo.InvariantCulture);
        if (Count(() => CutCommits, value => CutCommits = value))
        {
            await LocalServer.Cut(context, "{");
            return;
        }

        await LocalServer.Say(
            context, 200, new JsonObject { ["commitOid"] = Head, ["commitUrl"] = $"{Address}owner/model/commit/{Head}" }.ToJsonString());
    }

    private static string Mark(byte[] bytes) => $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"";

    private static async Task<byte[]> BytesAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        return body.ToArray();
    }

    /// <summary>Whether one more of what is counted down is left.</summary>
    private bool Count(Func<int> left, Action<int> set)
    {
        lock (_turn)
        {
            var value = left();
            if (value > 0)
            {
                set(value - 1);
            }

            return value > 0;
        }
    }

    /// <summary>Whether an upload's addresses have served their time, once.</summary>
    private bool Spend(string id)
    {
        lock (_turn)
        {
            if (ExpiresAfter > 0)
            {
                ExpiresAfter--;
                return false;
            }

            ExpiresAfter = int.MaxValue;
            return _spent.TryAdd(id, true);
        }
    }
}
