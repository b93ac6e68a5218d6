using System.Globalization;
using System.Text.Json;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;

namespace Rebound.Server.OpenAi;

/// <summary>Writes log-probabilities of tokens as chats have them.</summary>
/// <param name="asIds">Whether tokens are told as <c>token_id:N</c>.</param>
internal sealed class LogprobWriter(TokenTexts texts, bool asIds = false)
{
    /// <summary>OpenAI's protocol has no infinity; this is what it says in the place of it.</summary>
    private const float Least = -9999;

    /// <summary>Writes <c>{"content": [{"token", "logprob", "bytes", "top_logprobs"}, …]}</c>.</summary>
    public void Write(Utf8JsonWriter writer, IEnumerable<GenerationEvent> steps)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("content");
        foreach (var step in steps)
        {
            WriteStep(writer, step);
        }

        writer.WriteEndArray();
        writer.WriteNull("refusal");
        writer.WriteEndObject();
    }

    /// <summary>Log-probabilities as JSON takes them.</summary>
    public static float Finite(float logprob) => float.IsFinite(logprob) ? logprob : Least;

    /// <summary>A token's text, or its id as one.</summary>
    public static string TextOf(TokenTexts texts, int token, bool asId) =>
        asId ? string.Create(CultureInfo.InvariantCulture, $"token_id:{token}") : texts.Text(token);

    public void WriteStep(Utf8JsonWriter writer, GenerationEvent step)
    {
        writer.WriteStartObject();
        WriteToken(writer, step.Token, step.LogProbability);
        writer.WriteStartArray("top_logprobs");
        foreach (var likely in step.Likeliest)
        {
            writer.WriteStartObject();
            WriteToken(writer, likely.Token, likely.LogProbability);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void WriteToken(Utf8JsonWriter writer, int token, float logprob)
    {
        writer.WriteString("token", TextOf(texts, token, asIds));
        writer.WriteNumber("logprob", Finite(logprob));
        writer.WriteStartArray("bytes");
        foreach (var value in texts.Bytes(token))
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }
}
