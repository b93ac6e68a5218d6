using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Hub.Cache;
using Rebound.Hub.Transfer;

namespace Rebound.Hub.Upload;

/// <summary>A model's repository on the hub as one that is written to, at a branch.</summary>
internal sealed class HubRepository(HubClient client, HubOptions options, HubReference model, string revision)
{
    /// <summary>The media type of Git's protocol for large files.</summary>
    public const string LargeFiles = "application/vnd.git-lfs+json";

    private const string Json = "application/json";
    private const int FilesAtOnce = 256;
    private const int LargeFilesAtOnce = 100;

    private static readonly Dictionary<string, string> AcceptsLargeFiles = new() { ["Accept"] = LargeFiles };
    private static readonly Dictionary<string, string> NoHeaders = [];

    /// <summary>The files that are there by their paths; the repository or the branch is made where need be.</summary>
    /// <param name="isPrivate">Whether everybody else is kept out.</param>
    /// <exception cref="HubException">It cannot be made or written to, or everybody can see it.</exception>
    public async Task<IReadOnlyDictionary<string, HubFile>> OpenAsync(bool isPrivate, CancellationToken cancellation)
    {
        var (there, code) = await FindAsync(cancellation);
        if (there is null && code == "RevisionNotFound")
        {
            await BranchAsync(cancellation);
            there = (await FindAsync(cancellation)).There;
        }
        else if (there is null)
        {
            var isMade = await CreateAsync(isPrivate, cancellation);
            if (isMade && revision != HubCache.Main)
            {
                await BranchAsync(cancellation);
            }

            there = (await FindAsync(cancellation)).There;
            if (there is null && !isMade)
            {
                throw new HubException(
                    $"The name {model.Repository} is taken at {client.Host}, by a repository that the token cannot see: choose another.");
            }
        }

        if (isPrivate && there is { IsPublic: true })
        {
            throw new HubException(
                $"{model.Repository} is there already, and everybody can see it: make it private in its settings at "
                    + $"{client.AddressOf($"{model.Repository}/settings")}, or choose another name. Nothing was uploaded.");
        }

        return (there?.Files ?? []).DistinctBy(file => file.Path).ToDictionary(file => file.Path);
    }

    /// <summary>Which of some files are large, and which the repository leaves out.</summary>
    /// <exception cref="HubException">The hub refuses.</exception>
    public async Task<IReadOnlyDictionary<string, (bool IsLarge, bool IsIgnored)>> KindsAsync(
        IReadOnlyList<SummedFile> files, CancellationToken cancellation)
    {
        var kinds = new Dictionary<string, (bool IsLarge, bool IsIgnored)>();
        foreach (var some in files.Chunk(FilesAtOnce))
        {
            var asked = new JsonObject
            {
                ["files"] = new JsonArray([.. some.Select(file => new JsonObject
                {
                    ["path"] = file.Path,
                    ["sample"] = Convert.ToBase64String(file.Sample),
                    ["size"] = file.Size,
                    ["sha"] = file.Sha256,
                })]),
            };
            var answer = await AskAsync(
                ApiPath("preupload"), asked, Json, NoHeaders, "the list of files",
                json => json.GetProperty("files").EnumerateArray().ToDictionary(
                    file => file.GetProperty("path").GetString()!,
                    file => (
                        IsLarge: file.GetProperty("uploadMode").GetString() switch
                        {
                            "lfs" => true,
                            "regular" => false,
                            var mode => throw new FormatException($"'uploadMode' is '{mode}'"),
                        },
                        IsIgnored: file.TryGetProperty("shouldIgnore", out var ignore) && ignore.ValueKind == JsonValueKind.True)),
                cancellation);
            foreach (var file in some)
            {
                var (isLarge, isIgnored) = answer.TryGetValue(file.Path, out var kind) ? kind
                    : throw new HubException($"{client.Host} does not say how it wants {file.Path}.");

                // The storage takes no content without a byte.
                kinds[file.Path] = (isLarge && file.Size > 0, isIgnored);
            }
        }

        return kinds;
    }

    /// <summary>How the hub asks for large contents, by their SHA-256; null for those that it has.</summary>
    /// <exception cref="HubException">The hub refuses one, or all.</exception>
    public async Task<IReadOnlyDictionary<string, UploadAction?>> ActionsAsync(
        IReadOnlyList<SummedFile> files, CancellationToken cancellation)
    {
        var actions = new Dictionary<string, UploadAction?>();
        foreach (var some in files.DistinctBy(file => file.Sha256).Chunk(LargeFilesAtOnce))
        {
            var asked = new JsonObject
            {
                ["operation"] = "upload",
                ["transfers"] = new JsonArray("basic", "multipart"),
                ["objects"] = new JsonArray(
                    [.. some.Select(file => new JsonObject { ["oid"] = file.Sha256, ["size"] = file.Size })]),
                ["hash_algo"] = "sha256",
                ["ref"] = new JsonObject { ["name"] = revision },
            };
            var answer = await AskAsync(
                $"{model.Repository}.git/info/lfs/objects/batch", asked, LargeFiles, AcceptsLargeFiles, "the large files",
                json => json.GetProperty("objects").EnumerateArray().ToDictionary(
                    item => item.GetProperty("oid").GetString()!, item => item.Clone()),
                cancellation);
            foreach (var file in some)
            {
                actions[file.Sha256] = ActionOf(file, answer);
            }
        }

        return actions;
    }

    /// <inheritdoc cref="ActionsAsync"/>
    public async Task<UploadAction?> ActionAsync(SummedFile file, CancellationToken cancellation) =>
        (await ActionsAsync([file], cancellation))[file.Sha256];

    /// <summary>Gives contents their names.</summary>
    /// <returns>The commit.</returns>
    /// <exception cref="HubException">The hub refuses.</exception>
    public async Task<string> CommitAsync(
        string message, IReadOnlyList<SummedFile> small, IReadOnlyList<SummedFile> large, CancellationToken cancellation)
    {
        var (lines, attempts) = (CommitLines.Write(message, small, large), 0);
        return await client.TryAsync($"The commit of {model.Repository}", async () =>
        {
            // A connection that was cut may have been so behind the commit.
            if (attempts++ > 0 && (await FindAsync(cancellation)).There is { } there
                && small.Concat(large).All(file => there.Files.Any(known => known.Path == file.Path && file.IsBlob(known.Blob))))
            {
                return there.Commit;
            }

            using var response = await client.PostAsync(
                client.AddressOf(ApiPath("commit")), lines, "application/x-ndjson", NoHeaders, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return await ReadAsync(response, json => json.GetProperty("commitOid").GetString()!, cancellation);
            }

            throw response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed
                ? new PassingFailure($"it answers {(int)response.StatusCode}, another commit is being made")
                : await HubRefusal.OfWritingAsync(response, "the commit", model, options, cancellation);
        }, cancellation);
    }

    private UploadAction? ActionOf(SummedFile file, Dictionary<string, JsonElement> answer)
    {
        if (!answer.TryGetValue(file.Sha256, out var item))
        {
            throw new HubException($"{client.Host} does not say where it wants {file.Path}.");
        }

        try
        {
            if (item.TryGetProperty("error", out var error))
            {
                var reason = HubRefusal.Cleaned(error.GetProperty("message").GetString()!, options.Token);
                throw new HubException($"{client.Host} refuses {file.Path}.{HubRefusal.Said(reason)}");
            }

            return UploadAction.Read(item, file.Size);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HubException($"The hub's answer about {file.Path} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private string ApiPath(string verb) => $"api/models/{model.Repository}/{verb}/{Uri.EscapeDataString(revision)}";

    private async Task<(HubRevision? There, string Code)> FindAsync(CancellationToken cancellation) =>
        await client.TryAsync(model.ToString(), async () =>
        {
            using var response = await client.FindAsync(model, revision, cancellation);
            return response.IsSuccessStatusCode
                ? (RevisionAnswer.Read(await HubClient.BytesAsync(response, cancellation), model), "")
                : ((HubRevision?)null, HubRefusal.CodeOf(response));
        }, cancellation);

    /// <returns>Whether it was made; false where it was there.</returns>
    private async Task<bool> CreateAsync(bool isPrivate, CancellationToken cancellation) =>
        await client.TryAsync(model.ToString(), async () =>
        {
            var asked = new JsonObject
            {
                ["type"] = "model",
                ["name"] = model.Name,
                ["organization"] = model.Owner,
                ["private"] = isPrivate,
            };
            using var response = await client.PostAsync(
                client.AddressOf("api/repos/create"), asked.ToJsonString(), Json, NoHeaders, cancellation);
            if (response.StatusCode != HttpStatusCode.Conflict)
            {
                return response.IsSuccessStatusCode ? true
                    : throw await HubRefusal.OfWritingAsync(response, "the name", model, options, cancellation);
            }

            var reason = await HubRefusal.ReasonAsync(response, options.Token, cancellation);
            return reason.Contains("conflicting operation", StringComparison.OrdinalIgnoreCase)
                ? throw new PassingFailure("it makes another repository")
                : false;
        }, cancellation);

    private async Task BranchAsync(CancellationToken cancellation)
    {
        using var response = await client.TryAsync(
            model.ToString(),
            () => client.PostAsync(client.AddressOf(ApiPath("branch")), "{}", Json, NoHeaders, cancellation), cancellation);
        if (!response.IsSuccessStatusCode && response.StatusCode != HttpStatusCode.Conflict)
        {
            throw await HubRefusal.OfWritingAsync(response, $"the branch {revision}", model, options, cancellation);
        }
    }

    private async Task<T> AskAsync<T>(
        string path, JsonObject asked, string kind, IReadOnlyDictionary<string, string> headers, string subject,
        Func<JsonElement, T> read, CancellationToken cancellation) =>
        await client.TryAsync(model.ToString(), async () =>
        {
            using var response = await client.PostAsync(client.AddressOf(path), asked.ToJsonString(), kind, headers, cancellation);
            return response.IsSuccessStatusCode ? await ReadAsync(response, read, cancellation)
                : throw await HubRefusal.OfWritingAsync(response, subject, model, options, cancellation);
        }, cancellation);

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        var bytes = await HubClient.BytesAsync(response, cancellation);
        try
        {
            return read(StrictJson.ParseElement(bytes, DuplicateNames.LastCounts));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentException)
        {
            throw new HubException($"The hub's answer about {model.Repository} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
