using System.Text.Encodings.Web;
using System.Text.Json;
using Rebound.Files.Messages;

namespace Rebound.Files.Json;

/// <summary>
/// How JSON is written that people may read, too: its letters are not escaped. All that is read, as deep as
/// <see cref="Nesting.Deepest"/>, can be written again with what is put around it; .NET's own bound is a third of that.
/// </summary>
public static class JsonOutput
{
    /// <summary>On one line.</summary>
    public static JsonSerializerOptions OneLine { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2 * Nesting.Deepest };

    /// <summary>A member or an item a line.</summary>
    public static JsonSerializerOptions Indented { get; } = new(OneLine) { WriteIndented = true };
}
