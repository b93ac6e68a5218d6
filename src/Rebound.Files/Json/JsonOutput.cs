using System.Text.Encodings.Web;
using System.Text.Json;
using Rebound.Files.Messages;

namespace Rebound.Files.Json;

/// <summary>
/// Options for writing JSON that people may read: letters are not escaped, and nesting is allowed up to <see cref="Nesting.Deepest"/>
/// and what is put around it; .NET's default is a third of that.
/// </summary>
public static class JsonOutput
{
    /// <summary>On one line.</summary>
    public static JsonSerializerOptions OneLine { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2 * Nesting.Deepest };

    /// <summary>A member or an item a line.</summary>
    public static JsonSerializerOptions Indented { get; } = new(OneLine) { WriteIndented = true };
}
