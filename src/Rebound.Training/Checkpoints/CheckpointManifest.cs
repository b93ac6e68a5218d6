using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rebound.Checkpoints;
using Rebound.Files;
using Rebound.Files.Json;

namespace Rebound.Training.Checkpoints;

/// <summary>
/// The last file that is written into a checkpoint: which files it has, how long they are, and their CRC-32C. A folder
/// without a manifest that holds is no checkpoint.
/// </summary>
public sealed record CheckpointManifest(
    [property: JsonPropertyName("format"), JsonRequired] string Format,
    [property: JsonPropertyName("step"), JsonRequired] int Step,
    [property: JsonPropertyName("files"), JsonRequired] IReadOnlyList<CheckpointManifest.Entry> Files)
{
    /// <summary>The manifest's name in a checkpoint.</summary>
    public const string FileName = "manifest.json";

    private const string CurrentFormat = "rebound-checkpoint-1";

    public sealed record Entry(
        [property: JsonPropertyName("name"), JsonRequired] string Name,
        [property: JsonPropertyName("bytes"), JsonRequired] long Bytes,
        [property: JsonPropertyName("crc32c"), JsonRequired] string Checksum);

    /// <summary>Lists a folder's files as they are on the disk now, and writes that as the folder's manifest.</summary>
    /// <exception cref="IOException">A file cannot be read, or the manifest cannot be written.</exception>
    public static void Write(string folder, int step)
    {
        var names = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))
            .Order(StringComparer.Ordinal);
        var manifest = new CheckpointManifest(CurrentFormat, step, [.. names.Select(name => Describe(folder, name))]);
        WholeFile.WriteJson(Path.Combine(folder, FileName), JsonSerializer.SerializeToNode(manifest)!);
    }

    /// <summary>Reads a folder's manifest and compares every file with it.</summary>
    /// <exception cref="CheckpointException">There is no manifest, or a file is absent, shorter or changed.</exception>
    public static CheckpointManifest Verify(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var manifest = Parse(path, JsonFile.Read(path));
        foreach (var entry in manifest.Files)
        {
            var file = Path.Combine(folder, entry.Name);
            if (!File.Exists(file))
            {
                throw new CheckpointException(file, null, $"The file is absent, and {FileName} lists it.");
            }

            var found = Describe(folder, entry.Name);
            if (found != entry)
            {
                throw new CheckpointException(
                    file, null, $"The file is not the one that was saved: {found.Bytes} bytes with CRC-32C {found.Checksum} "
                        + $"instead of {entry.Bytes} with '{entry.Checksum}'.");
            }
        }

        return manifest;
    }

    private static CheckpointManifest Parse(string path, JsonObject json)
    {
        try
        {
            var manifest = json.Deserialize<CheckpointManifest>(StrictJson.ForSerializer)!;
            if (manifest.Format != CurrentFormat)
            {
                throw new CheckpointException(path, null, $"The format is '{manifest.Format}', and must be '{CurrentFormat}'.");
            }

            foreach (var entry in manifest.Files)
            {
                if (entry is null || !IsInside(entry.Name))
                {
                    throw new CheckpointException(path, null, $"It lists '{entry?.Name}', which is no file of the checkpoint.");
                }
            }

            return manifest;
        }
        catch (JsonException exception)
        {
            throw new CheckpointException(path, null, $"It is not a checkpoint's manifest: {JsonProblem.Sentence(exception)}.", exception);
        }
    }

    /// <summary>Whether a name is that of a file in the folder, and of no device or file elsewhere.</summary>
    private static bool IsInside(string name) => name.Length > 0 && !name.Any(char.IsControl) && !Path.IsPathRooted(name)
        && !name.Split('/', '\\').Contains("..");

    private static Entry Describe(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return new Entry(name, new FileInfo(path).Length, Crc32C.OfFile(path).ToString("x8"));
    }
}
