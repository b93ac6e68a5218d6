using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Rebound.Agents.Models.Protocol;

/// <summary>Reads the bodies of answers, be they one JSON value or events, as they were asked for or not.</summary>
internal static class AnswerBody
{
    private const string LastEvent = "[DONE]";
    private static readonly byte[] Mark = Encoding.UTF8.Preamble.ToArray();

    /// <summary>The pieces of an answer that comes as events.</summary>
    /// <exception cref="ServerException">The server reports an error.</exception>
    /// <exception cref="InvalidDataException">An event is no JSON, or none is of an answer.</exception>
    public static async IAsyncEnumerable<AnswerPiece> ReadEvents(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (calls, hasChoice) = (new ToolCallPieces(), false);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellation))
        {
            if (item.Data.Trim() == LastEvent)
            {
                break;
            }

            if (!string.IsNullOrWhiteSpace(item.Data) && ReadEvent(item, calls) is { } piece)
            {
                hasChoice |= piece.HasChoice;
                yield return piece;
            }
        }

        if (!hasChoice)
        {
            throw NoChoice(default);
        }

        if (AnswerPiece.Last(calls) is { } last)
        {
            yield return last;
        }
    }

    /// <summary>A whole answer, whichever way it came.</summary>
    /// <exception cref="ServerException">The server reports an error.</exception>
    /// <exception cref="InvalidDataException">The body is no JSON, or no answer.</exception>
    public static async Task<AnswerPiece> ReadWhole(Stream body, bool isEvents, CancellationToken cancellation)
    {
        using var memory = new MemoryStream();
        await body.CopyToAsync(memory, cancellation);
        memory.Position = 0;
        var text = memory.GetBuffer().AsMemory(0, (int)memory.Length);
        text = text.Span.StartsWith(Mark) ? text[Mark.Length..] : text;
        if (isEvents || text.Span.TrimStart(" \r\n\t"u8) is [(byte)':' or (byte)'d' or (byte)'e', ..])
        {
            return await FoldAsync(memory, cancellation);
        }

        using var json = Parse(text);
        var calls = new ToolCallPieces();
        var answer = AnswerPiece.Read(json.RootElement, calls);
        return !answer.HasChoice ? throw NoChoice(json.RootElement)
            : AnswerPiece.Last(calls) is { } last ? answer.Add(last)
            : answer;
    }

    private static AnswerPiece? ReadEvent(SseItem<string> item, ToolCallPieces calls)
    {
        using var json = Parse(Encoding.UTF8.GetBytes(item.Data));
        if (item.EventType == "error")
        {
            throw AnswerPiece.Error(json.RootElement);
        }

        var piece = AnswerPiece.Read(json.RootElement, calls);
        return piece.HasChoice || piece.Usage is not null ? piece : null;
    }

    private static async Task<AnswerPiece> FoldAsync(Stream events, CancellationToken cancellation)
    {
        AnswerPiece? answer = null;
        await foreach (var piece in ReadEvents(events, cancellation))
        {
            answer = answer?.Add(piece) ?? piece;
        }

        return answer!;
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true });
        }
        catch (JsonException e)
        {
            var said = ServerSentence.Of(Encoding.UTF8.GetString(text.Span[..Math.Min(text.Length, 1 << 16)]));
            throw new InvalidDataException(
                $"the server's answer is not the JSON that OpenAI's protocol has: {(said.Length == 0 ? "it is empty" : said)}.", e);
        }
    }

    private static Exception NoChoice(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && ServerSentence.Of(answer) is { } sentence
            ? new ServerException(0, sentence)
            : new InvalidDataException("the server's answer has no choices.");
}
