using System.Text.Json;
using Rebound.Inference.Generation;
using Rebound.Server.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.OpenAi;

/// <summary>Writes answers as <c>text_completion</c>.</summary>
internal sealed class CompletionWriter(RequestScope scope, CompletionRequest request, IReadOnlyList<PreparedAnswer> asked) : IAnswerWriter
{
    private const string Kind = "text_completion";

    private readonly string _id = Ids.New("cmpl-");
    private readonly HashSet<int> _begun = [];
    private readonly int[] _offsets = new int[asked.Sum(prompt => prompt.Count)];

    private bool WithIds => request.ReturnTokenIds == true;

    public void WriteWhole(Utf8JsonWriter writer, AnswerRun run)
    {
        Begin(writer);
        writer.WriteStartArray("choices");
        foreach (var (index, choice) in run.Choices.Index())
        {
            WriteChoice(writer, index, Echo(index) + choice.Text, choice.Steps, choice.Finish, isFirst: true);
        }

        writer.WriteEndArray();
        run.Usage.Write(writer);
        writer.WriteEndObject();
    }

    public void Add(EventStream stream, int choice, ChoiceDelta delta, Usage? usage)
    {
        var isFirst = _begun.Add(choice);
        if (isFirst || WithIds || request.Logprobs is not null || delta.Text.Length > 0 || delta.Finish is not null)
        {
            stream.Add(writer =>
            {
                Begin(writer);
                writer.WriteStartArray("choices");
                WriteChoice(writer, choice, (isFirst ? Echo(choice) : "") + delta.Text, [delta.Step], delta.Finish, isFirst);
                writer.WriteEndArray();
                usage?.Write(writer);
                writer.WriteEndObject();
            });
        }
    }

    public void AddUsage(EventStream stream, Usage usage) => stream.Add(writer =>
    {
        Begin(writer);
        writer.WriteStartArray("choices");
        writer.WriteEndArray();
        usage.Write(writer);
        writer.WriteEndObject();
    });

    public void AddEnd(EventStream stream, AnswerRun run) => stream.AddDone();

    private string Echo(int choice)
    {
        var prompt = PromptOf(choice);
        return request.Echo == true ? prompt.Model.Tokenizer.Decode(prompt.Prompt, skipSpecialTokens: true) : "";
    }

    private PreparedAnswer PromptOf(int choice) => asked[choice / asked[0].Count];

    private void WriteChoice(
        Utf8JsonWriter writer, int index, string text, IReadOnlyList<GenerationEvent> steps, string? finish, bool isFirst)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", index);
        writer.WriteString("text", text);
        if (request.Logprobs is null)
        {
            writer.WriteNull("logprobs");
        }
        else
        {
            WriteLogprobs(writer, index, steps);
        }

        writer.WriteString("finish_reason", finish);
        TokenIds.Write(writer, "token_ids", WithIds, steps);
        TokenIds.Write(writer, "prompt_token_ids", WithIds && isFirst, PromptOf(index).Prompt);
        writer.WriteEndObject();
    }

    private void WriteLogprobs(Utf8JsonWriter writer, int index, IReadOnlyList<GenerationEvent> steps)
    {
        var texts = PromptOf(index).Model.Texts;
        writer.WriteStartObject("logprobs");
        WriteList(writer, "tokens", steps, step => writer.WriteStringValue(TextOf(step.Token)));
        WriteList(writer, "token_logprobs", steps, step => writer.WriteNumberValue(LogprobWriter.Finite(step.LogProbability)));
        WriteList(writer, "top_logprobs", steps, step =>
        {
            writer.WriteStartObject();
            foreach (var likely in step.Likeliest.DistinctBy(token => TextOf(token.Token), StringComparer.Ordinal))
            {
                writer.WriteNumber(TextOf(likely.Token), LogprobWriter.Finite(likely.LogProbability));
            }

            writer.WriteEndObject();
        });
        WriteList(writer, "text_offset", steps, step =>
        {
            writer.WriteNumberValue(_offsets[index]);
            _offsets[index] += texts.Text(step.Token).Length;
        });
        writer.WriteEndObject();

        string TextOf(int token) => LogprobWriter.TextOf(texts, token, request.ReturnTokensAsTokenIds == true);
    }

    private static void WriteList(
        Utf8JsonWriter writer, string member, IReadOnlyList<GenerationEvent> steps, Action<GenerationEvent> write)
    {
        writer.WriteStartArray(member);
        foreach (var step in steps)
        {
            write(step);
        }

        writer.WriteEndArray();
    }

    private void Begin(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", _id);
        writer.WriteString("object", Kind);
        writer.WriteNumber("created", scope.Created);
        writer.WriteString("model", scope.ModelName);
    }
}
