using System.Text.Json;
using Rebound.Files.Json;

namespace Rebound.Hub.Transfer;

/// <summary>Reads the hub's answer about a repository.</summary>
internal static class RevisionAnswer
{
    /// <exception cref="HubException">It cannot be read, or names files that cannot be.</exception>
    public static HubRevision Read(byte[] answer, HubReference model)
    {
        try
        {
            var json = StrictJson.ParseElement(answer, DuplicateNames.LastCounts);
            var commit = json.GetProperty("sha").GetString()!;
            var files = json.GetProperty("siblings").EnumerateArray().Select(Read).ToArray();
            return commit.Length == 40 && commit.All(char.IsAsciiHexDigit)
                ? new HubRevision(commit, files)
                {
                    IsPublic = json.TryGetProperty("private", out var isPrivate) && isPrivate.ValueKind == JsonValueKind.False,
                }
                : throw new FormatException("the commit is none");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HubException($"The hub's answer about {model.Repository} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static HubFile Read(JsonElement file)
    {
        var path = file.GetProperty("rfilename").GetString()!;
        var isLarge = file.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        var blob = (isLarge ? lfs.GetProperty("sha256") : file.GetProperty("blobId")).GetString()!;
        var size = (isLarge ? lfs : file).GetProperty("size").GetInt64();
        var isSafe = path.Split('/').All(part => part is not ("" or "." or "..") && !part.Contains('\\', StringComparison.Ordinal)
            && !part.Contains(':', StringComparison.Ordinal));
        return isSafe && (blob.Length is 40 or 64) && blob.All(char.IsAsciiHexDigit) && size >= 0
            ? new HubFile(path, size, blob.ToLowerInvariant())
            : throw new FormatException($"the file '{path}' has a name, a size or a checksum that cannot be");
    }
}
