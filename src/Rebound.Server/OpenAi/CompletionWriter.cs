using System.Text.Json;
using Rebound.Engine;
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

    private bool SkipsSpecialTokens => request.SkipSpecialTokens != false;

    private bool WithIds => request.ReturnTokenIds == true;

    public void WriteWhole(Utf8JsonWriter writer, AnswerRun run)
    {
        Begin(writer);
        writer.WriteStartArray("choices");
        foreach (var (index, choice) in run.Choices.Index())
        {
            WriteChoice(writer, index, Echo(index) + choice.Text, choice.Steps, choice.Finish, isFirst: true, run.Prompt(index));
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
                WriteChoice(writer, choice, (isFirst ? Echo(choice) : "") + delta.Text, delta.Steps, delta.Finish, isFirst, delta.Prompt);
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
        return request.Echo == true ? prompt.Model.Tokenizer.Decode(prompt.Prompt, SkipsSpecialTokens) : "";
    }

    private PreparedAnswer PromptOf(int choice) => asked[choice / asked[0].Count];

    /// <param name="isFirst">Whether it is an answer's first part, or the whole of it.</param>
    /// <param name="prompt">The scores of the prompt's tokens from the second one on.</param>
    private void WriteChoice(
        Utf8JsonWriter writer, int index, string text, IReadOnlyList<GenerationEvent> steps, string? finish, bool isFirst,
        IReadOnlyList<ScoredToken> prompt)
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
            var ofPrompt = isFirst && request.Echo == true ? Logged(index, prompt) : [];
            WriteLogprobs(writer, index, [.. ofPrompt, .. steps.Select(step => Logged(index, step))]);
        }

        writer.WriteString("finish_reason", finish);
        TokenIds.Write(writer, "token_ids", WithIds, steps);
        TokenIds.Write(writer, "prompt_token_ids", WithIds && isFirst, PromptOf(index).Prompt);
        PromptLogprobs.Write(writer, request, PromptOf(index).Model.Texts, prompt);
        writer.WriteEndObject();
    }

    /// <summary>The tokens of a prompt that is given back.</summary>
    private List<LoggedToken> Logged(int index, IReadOnlyList<ScoredToken> scored)
    {
        var (asked, likeliest) = (PromptOf(index), request.Logprobs ?? 0);
        var decoder = asked.Model.Tokenizer.CreateDecoder(SkipsSpecialTokens);
        var logged = new List<LoggedToken>(asked.Prompt.Length);
        foreach (var (place, token) in asked.Prompt.Index())
        {
            logged.Add(place == 0
                ? new LoggedToken(token, null, null, _offsets[index])
                : new LoggedToken(
                    token, scored[place - 1].LogProbability, [.. scored[place - 1].Likeliest.Take(likeliest)], _offsets[index]));
            _offsets[index] += decoder.Append(token).Length;
        }

        _offsets[index] += decoder.Flush().Length;
        return logged;
    }

    private LoggedToken Logged(int index, GenerationEvent step)
    {
        var logged = new LoggedToken(step.Token, step.LogProbability, step.Likeliest, _offsets[index]);
        _offsets[index] += PromptOf(index).Model.Texts.Text(step.Token).Length;
        return logged;
    }

    private void WriteLogprobs(Utf8JsonWriter writer, int index, IReadOnlyList<LoggedToken> tokens)
    {
        var texts = PromptOf(index).Model.Texts;
        writer.WriteStartObject("logprobs");
        WriteList(writer, "tokens", tokens, token => writer.WriteStringValue(TextOf(token.Token)));
        WriteList(writer, "token_logprobs", tokens, token =>
        {
            if (token.LogProbability is { } logprob)
            {
                writer.WriteNumberValue(LogprobWriter.Finite(logprob));
            }
            else
            {
                writer.WriteNullValue();
            }
        });
        WriteList(writer, "top_logprobs", tokens, token => WriteLikeliest(token.Likeliest));
        WriteList(writer, "text_offset", tokens, token => writer.WriteNumberValue(token.Offset));
        writer.WriteEndObject();

        void WriteLikeliest(IReadOnlyList<LikelyToken>? likeliest)
        {
            if (likeliest is null)
            {
                writer.WriteNullValue();
                return;
            }

            writer.WriteStartObject();
            foreach (var likely in likeliest.DistinctBy(token => TextOf(token.Token), StringComparer.Ordinal))
            {
                writer.WriteNumber(TextOf(likely.Token), LogprobWriter.Finite(likely.LogProbability));
            }

            writer.WriteEndObject();
        }

        string TextOf(int token) => LogprobWriter.TextOf(texts, token, request.ReturnTokensAsTokenIds == true);
    }

    private static void WriteList(Utf8JsonWriter writer, string member, IReadOnlyList<LoggedToken> tokens, Action<LoggedToken> write)
    {
        writer.WriteStartArray(member);
        foreach (var token in tokens)
        {
            write(token);
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
