using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;

namespace Rebound.Checkpoints;

/// <summary>The JSON files of a model folder.</summary>
public static class JsonFile
{
    /// <summary>Reads a file that must hold one object.</summary>
    /// <exception cref="CheckpointException">The file is absent, is not JSON, or holds something else.</exception>
    public static JsonObject Read(string path)
    {
        try
        {
            return StrictJson.ParseNode(File.ReadAllBytes(path)) as JsonObject
                ?? throw new CheckpointException(path, null, "The file does not hold a JSON object.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, null, "The file is absent.", exception);
        }
        catch (JsonException exception)
        {
            throw new CheckpointException(path, null, ForeignFile.GuessInPlaceOfJson(path) is { } guess
                ? $"The file is not JSON: {guess}."
                : $"The file is not valid JSON, {JsonProblem.Of(exception)}.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, null, $"The file cannot be read: {exception.Message}", exception);
        }
    }
}
