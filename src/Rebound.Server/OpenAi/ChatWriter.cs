using System.Text.Json;
using Rebound.Server.Http;
using Rebound.Server.Serving;
using Rebound.Trajectories;

namespace Rebound.Server.OpenAi;

/// <summary>Writes answers as <c>chat.completion</c> and <c>chat.completion.chunk</c>.</summary>
internal sealed class ChatWriter(RequestScope scope, ChatRequest request, PreparedAnswer asked) : IAnswerWriter
{
    private readonly string _id = Ids.New("chatcmpl-");
    private readonly HashSet<int> _begun = [];
    private readonly LogprobWriter? _logprobs = request.Logprobs == true
        ? new LogprobWriter(asked.Model.Texts, request.ReturnTokensAsTokenIds == true)
        : null;

    private bool WithIds => request.ReturnTokenIds == true;

    public void WriteWhole(Utf8JsonWriter writer, AnswerRun run)
    {
        Begin(writer, "chat.completion");
        writer.WriteStartArray("choices");
        foreach (var (index, choice) in run.Choices.Index())
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", index);
            WriteMessage(writer, choice);
            WriteLogprobs(writer, choice.Steps);
            writer.WriteString("finish_reason", choice.Finish);
            TokenIds.Write(writer, "token_ids", WithIds, choice.Steps);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        TokenIds.Write(writer, "prompt_token_ids", WithIds, asked.Prompt);
        PromptLogprobs.Write(writer, request, asked.Model.Texts, run.Prompt(0));
        run.Usage.Write(writer);
        writer.WriteEndObject();
    }

    public void Add(EventStream stream, int choice, ChoiceDelta delta, Usage? usage)
    {
        var isFirst = _begun.Add(choice);
        if (isFirst)
        {
            stream.Add(writer => WriteChunk(writer, choice, usage, () =>
            {
                writer.WriteString("role", Roles.Assistant);
                writer.WriteString("content", "");
            }, withPrompt: _begun.Count == 1));
            if (asked.EchoedText.Length > 0)
            {
                stream.Add(writer => WriteChunk(writer, choice, usage, () => writer.WriteString("content", asked.EchoedText)));
            }
        }

        // The reason comes in a chunk of its own, as OpenAI has it.
        if (delta.Text.Length > 0 || delta.Reasoning.Length > 0 || delta.Calls.Count > 0 || _logprobs is not null || WithIds)
        {
            stream.Add(writer => WriteChunk(writer, choice, usage, () => WriteDelta(writer, delta), delta));
        }

        if (delta.Finish is not null)
        {
            stream.Add(writer => WriteChunk(writer, choice, usage, () => { }, finish: delta.Finish));
        }
    }

    public void AddUsage(EventStream stream, Usage usage) => stream.Add(writer =>
    {
        Begin(writer, "chat.completion.chunk");
        writer.WriteStartArray("choices");
        writer.WriteEndArray();
        usage.Write(writer);
        writer.WriteEndObject();
    });

    public void AddEnd(EventStream stream, AnswerRun run) => stream.AddDone();

    private void WriteMessage(Utf8JsonWriter writer, ChoiceReader choice)
    {
        writer.WriteStartObject("message");
        writer.WriteString("role", Roles.Assistant);
        var text = asked.EchoedText + choice.Text;
        if (choice.Calls.Count > 0 && text.Length == 0)
        {
            writer.WriteNull("content");
        }
        else
        {
            writer.WriteString("content", text);
        }

        writer.WriteNull("refusal");
        if (choice.Reasoning.Length > 0)
        {
            writer.WriteString(Turn.ReasoningMember, choice.Reasoning);
        }

        if (choice.Calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (var call in choice.Calls)
            {
                WriteCall(writer, null, call.Id, call.Name, call.Arguments);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteDelta(Utf8JsonWriter writer, ChoiceDelta delta)
    {
        if (delta.Reasoning.Length > 0)
        {
            writer.WriteString(Turn.ReasoningMember, delta.Reasoning);
        }

        if (delta.Text.Length > 0)
        {
            writer.WriteString("content", delta.Text);
        }

        if (delta.Calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (var call in delta.Calls)
            {
                WriteCall(writer, call.Index, call.Id, call.Name, call.Arguments);
            }

            writer.WriteEndArray();
        }
    }

    /// <param name="index">Its place in the answer, which streams say; null for none.</param>
    /// <param name="id">Null with its name where a call goes on.</param>
    private static void WriteCall(Utf8JsonWriter writer, int? index, string? id, string? name, string arguments)
    {
        writer.WriteStartObject();
        if (index is { } place)
        {
            writer.WriteNumber("index", place);
        }

        if (name is not null)
        {
            writer.WriteString("id", id);
            writer.WriteString("type", "function");
        }

        writer.WriteStartObject("function");
        if (name is not null)
        {
            writer.WriteString("name", name);
        }

        writer.WriteString("arguments", arguments);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteChunk(
        Utf8JsonWriter writer, int choice, Usage? usage, Action writeDelta, ChoiceDelta? of = null, string? finish = null,
        bool withPrompt = false)
    {
        Begin(writer, "chat.completion.chunk");
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", choice);
        writer.WriteStartObject("delta");
        writeDelta();
        writer.WriteEndObject();
        WriteLogprobs(writer, of?.Steps);
        writer.WriteString("finish_reason", finish);
        TokenIds.Write(writer, "token_ids", WithIds && of is not null, of?.Steps ?? []);
        writer.WriteEndObject();
        writer.WriteEndArray();
        TokenIds.Write(writer, "prompt_token_ids", WithIds && withPrompt, asked.Prompt);
        usage?.Write(writer);
        writer.WriteEndObject();
    }

    private void WriteLogprobs(Utf8JsonWriter writer, IReadOnlyList<Inference.Generation.GenerationEvent>? steps)
    {
        if (_logprobs is null || steps is null)
        {
            writer.WriteNull("logprobs");
            return;
        }

        writer.WritePropertyName("logprobs");
        _logprobs.Write(writer, steps);
    }

    private void Begin(Utf8JsonWriter writer, string kind)
    {
        writer.WriteStartObject();
        writer.WriteString("id", _id);
        writer.WriteString("object", kind);
        writer.WriteNumber("created", scope.Created);
        writer.WriteString("model", scope.ModelName);
    }
}
