using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Files;

/// <summary>A JSON file for people, too, that appears under its name when it is whole.</summary>
public static class WholeJsonFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(string path, JsonNode content)
    {
        var partial = $"{path}.partial";
        File.WriteAllText(partial, content.ToJsonString(Indented) + "\n");
        File.Move(partial, path, overwrite: true);
    }
}
