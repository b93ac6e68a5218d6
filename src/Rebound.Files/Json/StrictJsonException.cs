using System.Text.Json;

namespace Rebound.Files.Json;

/// <summary>
/// Well-formed JSON that cannot be used: a text that is not valid Unicode, or a name that an object has twice.
/// <see cref="JsonException.Path"/> is the member, as in <c>messages[0].content</c>, or null for the whole; the line is counted from 0.
/// </summary>
public sealed class StrictJsonException : JsonException
{
    internal StrictJsonException(string message, string? path, long? line, Exception? inner = null)
        : base(message, path, line, bytePositionInLine: null, inner)
    {
    }

    /// <summary>The same, for JSON that is a member of a larger one, whose value begins after so many lines.</summary>
    public StrictJsonException Within(string member, long lines) => new(
        Message, Path is null ? member : Path.StartsWith('[') ? member + Path : $"{member}.{Path}", LineNumber + lines, this);
}
