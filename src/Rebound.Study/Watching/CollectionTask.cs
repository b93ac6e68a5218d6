using System.Text.Json;
using Rebound.Agents.Collection;
using Rebound.Files.Json;

namespace Rebound.Study.Watching;

/// <summary>The task of a collection's episodes, which their rows do not repeat.</summary>
public static class CollectionTask
{
    /// <param name="file">A file in the collection's folder.</param>
    /// <returns>Null where no collection says it.</returns>
    public static string? Of(string file)
    {
        try
        {
            var description = Path.Combine(Path.GetDirectoryName(file)!, CollectionFolder.DescriptionName);
            return File.Exists(description)
                && StrictJson.ParseNode(File.ReadAllBytes(description))?["task"] is { } task
                && task.GetValueKind() == JsonValueKind.String ? task.GetValue<string>() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
