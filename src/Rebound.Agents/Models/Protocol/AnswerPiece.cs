using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rebound.Agents.Models.Protocol;

/// <summary>
/// An answer, or a piece of one, read as leniently as it can be and written as OpenAI's protocol has it: what is missing or of another
/// kind is put right or left out, and no answer is lost for what stands around it.
/// </summary>
internal sealed record AnswerPiece(
    string Id, string Model, long Created, MessageParts Message, IReadOnlyList<ToolCallPiece> Calls, string? Finish, JsonObject? Usage)
{
    /// <summary>The last second that a date can have.</summary>
    private const long LastSecond = 253_402_300_799;

    /// <summary>The message of LM Studio, with status 200, for an unknown path.</summary>
    private const string UnknownPath = "Unexpected endpoint or method";

    /// <summary>Whether it holds more than usage counts.</summary>
    public bool HasChoice { get; private init; }

    /// <summary>The error that a server reports in place of an answer.</summary>
    public static ServerException Error(JsonElement told)
    {
        var status = Told(told)?.Count("code") ?? Told(told)?.Count("status") ?? told.Count("code") ?? 0;
        var sentence = ServerSentence.Of(told) ?? "";
        return sentence.StartsWith(UnknownPath, StringComparison.Ordinal)
            ? new ServerException(404, sentence)
            : new ServerException(status is >= 400 and < 600 ? (int)status : 0, sentence);
    }

    /// <summary>The piece that an answer lacks at its end; null for none.</summary>
    public static AnswerPiece? Last(ToolCallPieces calls) => calls.Complete() is { Count: > 0 } pieces
        ? new AnswerPiece("answer", "", 0, new MessageParts(null, null, null), pieces, null, null) { HasChoice = true }
        : null;

    /// <summary>The answer of a server that refuses to have the conversation answered at all.</summary>
    public static AnswerPiece Filtered(string sentence) =>
        new("answer", "", 0, new MessageParts(null, null, sentence), [], FinishReasons.ContentFilter, null) { HasChoice = true };

    /// <exception cref="ServerException">The server reports an error in the answer's place, or an answer's end.</exception>
    public static AnswerPiece Read(JsonElement answer, ToolCallPieces calls) =>
        Read(answer, answer.Items("choices").FirstOrDefault(), calls);

    /// <inheritdoc cref="Read(JsonElement, ToolCallPieces)"/>
    /// <param name="choice">The one of the answer's choices that is read.</param>
    public static AnswerPiece Read(JsonElement answer, JsonElement choice, ToolCallPieces calls)
    {
        var finish = FinishReasons.Of(choice);
        ThrowIfError(answer, choice, finish);
        var whole = choice.Member("message");
        var message = whole ?? choice.Member("delta") ?? default;
        var parts = MessageParts.Of(message);
        return new AnswerPiece(
            answer.Text("id") is { Length: > 0 } id ? id : "answer",
            answer.Text("model") ?? "",
            answer.Count("created") is { } created and <= LastSecond ? created : 0,
            parts with { Text = parts.Text ?? choice.Text("text") },
            calls.Read(message, areWhole: whole is not null),
            finish,
            UsageCounts.Of(answer))
        {
            HasChoice = choice.ValueKind == JsonValueKind.Object,
        };
    }

    /// <summary>This one and what came after it.</summary>
    public AnswerPiece Add(AnswerPiece next) => this with
    {
        Message = Message.Add(next.Message),
        Calls = [.. Calls.Concat(next.Calls).GroupBy(call => call.Index).Select(call => call.Aggregate((piece, more) => piece.Add(more)))],
        Finish = next.Finish ?? Finish,
        Usage = next.Usage ?? (JsonObject?)Usage?.DeepClone(),
        HasChoice = HasChoice || next.HasChoice,
    };

    /// <summary>As a whole answer.</summary>
    public JsonObject ToCompletion()
    {
        var message = Words();
        message["content"] = Message.Text;
        return Around("chat.completion", "message", message, Finish ?? (Calls.Count > 0 ? FinishReasons.ToolCalls : FinishReasons.Stop));
    }

    /// <summary>As a piece of a stream.</summary>
    public JsonObject ToChunk()
    {
        var delta = Words();
        if (Message.Text is { } text)
        {
            delta["content"] = text;
        }

        return Around("chat.completion.chunk", "delta", delta, Finish);
    }

    private static void ThrowIfError(JsonElement answer, JsonElement choice, string? finish)
    {
        if ((Told(answer) ?? Told(choice)) is null && finish != FinishReasons.Error && answer.Text("object") != "error")
        {
            return;
        }

        throw Error(Told(choice) is null ? answer : choice);
    }

    private static JsonElement? Told(JsonElement json) => json.Member("error") switch
    {
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } => text,
        { ValueKind: JsonValueKind.Object } told when told.EnumerateObject().Any() => told,
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 => list,
        _ => null,
    };

    private JsonObject Words()
    {
        var words = new JsonObject { ["role"] = "assistant" };
        if (Message.Reasoning is { Length: > 0 } reasoning)
        {
            words["reasoning_content"] = reasoning;
        }

        if (Message.Refusal is { } refusal)
        {
            words["refusal"] = refusal;
        }

        if (Calls.Count > 0)
        {
            words["tool_calls"] = new JsonArray([.. Calls.Select(Write)]);
        }

        return words;
    }

    private static JsonObject Write(ToolCallPiece call)
    {
        var function = new JsonObject { ["arguments"] = call.Arguments };
        var written = new JsonObject { ["index"] = call.Index, ["function"] = function };
        if (call.Id is { } id)
        {
            (written["id"], written["type"]) = (id, "function");
        }

        if (call.Name is { } name)
        {
            function["name"] = name;
        }

        return written;
    }

    private JsonObject Around(string kind, string member, JsonObject words, string? finish)
    {
        var choices = HasChoice ? new JsonArray(new JsonObject { ["index"] = 0, [member] = words, ["finish_reason"] = finish }) : [];
        var answer = new JsonObject { ["id"] = Id, ["object"] = kind, ["created"] = Created, ["model"] = Model, ["choices"] = choices };
        if (Usage is not null)
        {
            answer["usage"] = Usage.DeepClone();
        }

        return answer;
    }
}
