using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Rebound.Inference.Serving;
using Rebound.Server.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.OpenAi;

/// <summary><c>POST /tokenize</c> and <c>POST /detokenize</c>, as vLLM has them.</summary>
internal sealed class TokenizeEndpoint(ServerState state)
{
    public const string Path = "/tokenize";
    public const string BackPath = "/detokenize";

    public async Task TokenizeAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<TokenizeRequest>(context);
        state.Unknown.Note(Path, request.Others);
        var choice = state.Models.Enter(request.Model);
        try
        {
            var model = choice.Model;
            var tokens = Tokens(request, choice);
            await Responses.WriteAsync(context, writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("count", tokens.Length);
                writer.WriteNumber("max_model_len", model.ContextLength);
                writer.WriteStartArray("tokens");
                Array.ForEach(tokens, writer.WriteNumberValue);
                writer.WriteEndArray();
                if (request.ReturnTokenStrs == true)
                {
                    writer.WriteStartArray("token_strs");
                    Array.ForEach(tokens, token => writer.WriteStringValue(model.Tokenizer.IdToToken(token)));
                    writer.WriteEndArray();
                }

                writer.WriteEndObject();
            });
        }
        finally
        {
            choice.Model.Leave();
        }
    }

    public async Task DetokenizeAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<DetokenizeRequest>(context);
        state.Unknown.Note(BackPath, request.Others);
        var choice = state.Models.Enter(request.Model);
        try
        {
            var list = request.Tokens ?? throw ApiException.Invalid("tokens", "There are no 'tokens': a list of token ids.");
            var text = choice.Model.Tokenizer.Decode(TokenList.Read(list, "tokens", choice.Model));
            await Responses.WriteAsync(context, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("prompt", text);
                writer.WriteEndObject();
            });
        }
        finally
        {
            choice.Model.Leave();
        }
    }

    private static int[] Tokens(TokenizeRequest request, ModelChoice choice) => (request.Prompt, request.Messages) switch
    {
        (not null, null) => choice.Model.Tokenizer.Encode(request.Prompt, request.AddSpecialTokens ?? true),
        (null, not null) => ChatPreparation.Prepare(
            new ChatRequest
            {
                Messages = request.Messages,
                Tools = request.Tools,
                ChatTemplateKwargs = request.ChatTemplateKwargs,
                AddGenerationPrompt = request.AddGenerationPrompt,
                ContinueFinalMessage = request.ContinueFinalMessage,
            },
            choice, seed: 0).Prompt,
        _ => throw ApiException.Invalid("prompt", "Give one of 'prompt', a text, and 'messages', a conversation."),
    };
}

/// <summary>The body of <c>POST /tokenize</c>.</summary>
internal sealed record TokenizeRequest
{
    public string? Model { get; init; }

    public string? Prompt { get; init; }

    /// <summary>Whether a text begins as the model's tokenizer begins one; true by default.</summary>
    public bool? AddSpecialTokens { get; init; }

    public bool? ReturnTokenStrs { get; init; }

    public JsonElement? Messages { get; init; }

    public JsonElement? Tools { get; init; }

    public JsonElement? ChatTemplateKwargs { get; init; }

    /// <inheritdoc cref="ChatRequest.AddGenerationPrompt"/>
    public bool? AddGenerationPrompt { get; init; }

    /// <inheritdoc cref="ChatRequest.ContinueFinalMessage"/>
    public bool? ContinueFinalMessage { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>The body of <c>POST /detokenize</c>.</summary>
internal sealed record DetokenizeRequest
{
    public string? Model { get; init; }

    public JsonElement? Tokens { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}
