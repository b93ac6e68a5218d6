using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rebound.Inference.Serving;
using Rebound.Server.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.OpenAi;

/// <summary><c>POST /v1/completions</c>: text, or tokens, that the model goes on with as they stand.</summary>
internal sealed class CompletionEndpoint(ServerState state)
{
    public const string Path = "/v1/completions";

    private const string Prompt = "prompt";
    private const int MostPrompts = 128;

    /// <summary>OpenAI's default.</summary>
    private const int DefaultTokens = 16;

    public async Task HandleAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<CompletionRequest>(context);
        RefusedMembers.Check(request.Others);
        state.Unknown.Note(Path, request.Others);
        var answers = Prompts(request.Prompt).Count * GenerationSettings.Choices(request);
        using var scope = state.Begin(context, "text_completion", request.Model, answers);
        await AnswerStream.RunAsync(
            context, scope, request,
            () => Prepare(request, scope.Choice.Model, scope.Seed),
            asked => new CompletionWriter(scope, request, asked));
    }

    /// <summary>Makes of a request what the engine generates from, for each of its prompts.</summary>
    /// <param name="seed">Of the draws, where the request has none.</param>
    /// <exception cref="ApiException">The request cannot be answered.</exception>
    public static IReadOnlyList<PreparedAnswer> Prepare(CompletionRequest request, ServedModel model, ulong seed)
    {
        Check(request);
        PreparedAnswer[] prepared =
            [.. Prompts(request.Prompt).Select((prompt, index) => Prepare(request, prompt, index, model, seed))];
        PromptLogprobs.CheckNumber(prepared, prepared[0].Count);
        return prepared;
    }

    private static void Check(CompletionRequest request)
    {
        if (!string.IsNullOrEmpty(request.Suffix))
        {
            throw ApiException.Invalid("suffix", "'suffix' cannot be kept to: text is written from its beginning on.");
        }

        if (request.BestOf is { } best && best != (request.N ?? 1))
        {
            throw ApiException.Invalid("best_of", $"'best_of' is {best}, and must be 'n': all answers that are generated are returned.");
        }
    }

    /// <summary>The prompts of a request: texts, or token ids.</summary>
    private static IReadOnlyList<JsonElement> Prompts(JsonElement? prompt)
    {
        IReadOnlyList<JsonElement> prompts = prompt switch
        {
            { ValueKind: JsonValueKind.String } text => [text],
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 => list[0].ValueKind == JsonValueKind.Number
                ? [list]
                : [.. list.EnumerateArray()],
            _ => throw ApiException.Invalid(Prompt, $"'{Prompt}' must be a text, a list of token ids, or a list of one of both."),
        };
        return prompts.Count <= MostPrompts
            ? prompts
            : throw ApiException.Invalid(Prompt, $"'{Prompt}' has {prompts.Count} prompts, and may have {MostPrompts}.");
    }

    private static PreparedAnswer Prepare(CompletionRequest request, JsonElement prompt, int index, ServedModel model, ulong seed)
    {
        var tokens = prompt.ValueKind == JsonValueKind.String
            ? model.Tokenizer.Encode(prompt.GetString()!, addSpecialTokens: true)
            : TokenList.Read(prompt, Prompt, model);
        if (tokens.Length == 0)
        {
            throw ApiException.Invalid(Prompt, $"'{Prompt}' gives no token to start from.");
        }

        var ofPrompt = PromptLogprobs.Likeliest(request, request.Echo == true ? request.Logprobs : null);
        var isPromptAlone = request.MaxTokens == 0 && (request.Echo == true || ofPrompt is not null);
        var options = GenerationSettings.Read(
            request, model, model.EndTokens, isPromptAlone ? 1 : request.MaxTokens ?? DefaultTokens, tokens.Length, request.Logprobs ?? 0,
            ofPrompt, seed);

        // Every prompt draws by a seed of its own; the first one by that of the request.
        var sampling = options.Sampling with { Seed = options.Sampling.Seed + (0xD1342543DE82EF95UL * (ulong)index) };
        return new PreparedAnswer(model, tokens, null, options with
        {
            Sampling = sampling,
            Constraint = TokenRules.Around(
                AnswerFormat.Read(request, model.Forms), request, model.Tokenizer, model.Weights.Config.VocabularySize),
        })
        {
            Count = GenerationSettings.Choices(request),
            TellsTokens = request.Logprobs is not null || request.ReturnTokenIds == true,
            IsPromptAlone = isPromptAlone,
            ScoresPromptOfEach = request.Stream == true,
        };
    }
}
