using System.Text.Json.Nodes;

namespace Rebound.Hub.Upload;

/// <summary>A commit as the hub takes it: JSON lines, the header first, then a line for every file.</summary>
internal static class CommitLines
{
    /// <param name="small">Files whose contents are in the commit.</param>
    /// <param name="large">Files whose contents are in the storage.</param>
    /// <exception cref="HubException">A file cannot be read, or is another one by now.</exception>
    public static string Write(string message, IEnumerable<SummedFile> small, IEnumerable<SummedFile> large)
    {
        JsonObject[] lines =
        [
            Line("header", new JsonObject { ["summary"] = message, ["description"] = "" }),
            .. small.Select(file => Line("file", new JsonObject
            {
                ["content"] = Convert.ToBase64String(Content(file)),
                ["path"] = file.Path,
                ["encoding"] = "base64",
            })),
            .. large.Select(file => Line("lfsFile", new JsonObject
            {
                ["path"] = file.Path,
                ["algo"] = "sha256",
                ["oid"] = file.Sha256,
                ["size"] = file.Size,
            })),
        ];
        return string.Concat(lines.Select(line => $"{line.ToJsonString()}\n"));
    }

    private static JsonObject Line(string key, JsonObject value) => new() { ["key"] = key, ["value"] = value };

    private static byte[] Content(SummedFile file)
    {
        file.CheckUnchanged();
        using var content = file.File.Open();
        var bytes = new byte[file.Size];
        try
        {
            content.ReadExactly(bytes);
        }
        catch (IOException e)
        {
            throw file.File.Unreadable(e);
        }

        return bytes;
    }
}
