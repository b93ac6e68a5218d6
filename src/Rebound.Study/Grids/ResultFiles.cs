using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Study.Grids;

/// <summary>Reads and writes the files in which a study keeps results.</summary>
internal static class ResultFiles
{
    private static readonly JsonSerializerOptions Format = new(StrictJson.ForSerializer)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static void Write<T>(string path, T result)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WholeFile.WriteText(path, JsonSerializer.Serialize(result, Format) + "\n");
    }

    /// <exception cref="DataException">It is damaged, or something else.</exception>
    public static T Read<T>(string path)
        where T : class
    {
        try
        {
            return StrictJson.ParseNode(File.ReadAllBytes(path)).Deserialize<T>(Format) ?? throw new JsonException("there is nothing");
        }
        catch (JsonException e)
        {
            throw new DataException(path, null, null, $"is no result of a study, {JsonProblem.Of(e)}.", e);
        }
    }

    /// <summary>The result, or null where there is none yet.</summary>
    /// <inheritdoc cref="Read"/>
    public static T? Find<T>(string path)
        where T : class => File.Exists(path) ? Read<T>(path) : null;
}
