using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files;
using Rebound.Files.Json;

namespace Rebound.Hub.Upload;

/// <summary>
/// Which parts of a large file were sent, and where to, on the disk: the next push sends the others. The addresses let whoever reads them
/// send parts of this one file, so that the folder is its owner's alone.
/// </summary>
/// <param name="folder">Of all repositories; null to keep nothing.</param>
internal sealed class UploadJournal(string? folder, Uri endpoint, HubReference model, SummedFile file)
{
    private readonly string? _path = folder is null ? null : Path.Combine(folder, $"{model.Owner}--{model.Name}", $"{file.Sha256}.json");

    /// <summary>The record that an earlier push left; null where there is none of use.</summary>
    /// <returns>How the hub asked for the content, and the marks of its parts; null for those that were not sent.</returns>
    public (UploadAction Action, string?[] Marks)? Find()
    {
        try
        {
            if (_path is null || !File.Exists(_path))
            {
                return null;
            }

            var json = StrictJson.ParseElement(File.ReadAllBytes(_path));
            if (json.GetProperty("endpoint").GetString() != endpoint.AbsoluteUri
                || UploadAction.Read(json.GetProperty("object"), file.Size) is not { } action)
            {
                return null;
            }

            string?[] marks = [.. json.GetProperty("etags").EnumerateArray().Select(mark => mark.GetString())];
            return marks.Length == action.Parts.Count ? (action, marks) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException)
        {
            // It saves time where it can be read, and nothing depends on it.
            return null;
        }
    }

    public void Write(UploadAction action, IEnumerable<string?> marks) => Try(path =>
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        WholeFile.WriteJson(path, new JsonObject
        {
            ["endpoint"] = endpoint.AbsoluteUri,
            ["object"] = StrictJson.ParseNode(System.Text.Encoding.UTF8.GetBytes(action.Json)),
            ["etags"] = new JsonArray([.. marks.Select(mark => JsonValue.Create(mark))]),
        });
    });

    /// <summary>Takes it away, once it is of no use.</summary>
    public void Forget() => Try(File.Delete);

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private void Try(Action<string> work)
    {
        try
        {
            if (_path is not null)
            {
                work(_path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Where it cannot be kept, another push begins anew.
        }
    }
}
