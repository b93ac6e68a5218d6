using System.Text.Json;
using Rebound.Inference.Generation;

namespace Rebound.Server.OpenAi;

/// <summary>Writes the tokens that a prompt or an answer is of, for who trains on them.</summary>
internal static class TokenIds
{
    /// <param name="isWanted">Whether the request asks for them.</param>
    public static void Write(Utf8JsonWriter writer, string member, bool isWanted, IReadOnlyList<GenerationEvent> steps)
    {
        if (isWanted)
        {
            Write(writer, member, steps.Select(step => step.Token));
        }
    }

    /// <inheritdoc cref="Write(Utf8JsonWriter, string, bool, IReadOnlyList{GenerationEvent})"/>
    public static void Write(Utf8JsonWriter writer, string member, bool isWanted, IReadOnlyList<int> tokens)
    {
        if (isWanted)
        {
            Write(writer, member, tokens);
        }
    }

    private static void Write(Utf8JsonWriter writer, string member, IEnumerable<int> tokens)
    {
        writer.WriteStartArray(member);
        foreach (var token in tokens)
        {
            writer.WriteNumberValue(token);
        }

        writer.WriteEndArray();
    }
}
