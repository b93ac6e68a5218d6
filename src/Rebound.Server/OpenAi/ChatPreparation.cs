using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;
using Rebound.Jinja;
using Rebound.Server.Http;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;

namespace Rebound.Server.OpenAi;

/// <summary>Turns a chat request into what the engine generates from.</summary>
internal static class ChatPreparation
{
    private const string Messages = "messages";
    private const string Variables = "chat_template_kwargs";

    /// <exception cref="ApiException">The request cannot be answered.</exception>
    public static PreparedAnswer Prepare(ChatRequest request, ModelChoice choice, ulong seed)
    {
        var model = choice.Model;
        var profile = model.Profile ?? throw ApiException.Invalid(
            "model", $"{model.Name} takes no conversations, POST /v1/completions continues text: {model.ProfileProblem}");
        profile = WithVariables(WithVariables(profile, ReasoningEffort.Variables(request, profile)), request.ChatTemplateKwargs);
        var turns = ReadTurns(request.Messages);
        var offer = ToolOffer.Read(request, choice);
        var end = FinalMessage.End(request, turns);
        var prompt = Encode(profile, Worded(turns, choice.Prompt, choice.Condition), offer.Tools, end);
        var guidance = GuidanceMember.Read(request.Guidance, choice) is { } guided
            ? new Guidance(Encode(profile, Worded(turns, choice.Prompt, guided.Condition), offer.Tools, end), guided.Weight)
            : null;
        var opensReasoning = profile.OpensReasoning(prompt, model.Tokenizer);
        var constraint = AnswerFormat.Read(request, offer, model.Forms);
        if (constraint is not null && opensReasoning)
        {
            throw ApiException.Invalid(
                Variables,
                "An answer of a given format, or a call that is required, cannot begin with reasoning, which this model's prompt opens: "
                    + "turn it off, usually by {\"enable_thinking\": false}.");
        }

        if (request.TopLogprobs is not null && request.Logprobs != true)
        {
            throw ApiException.Invalid("top_logprobs", "'top_logprobs' goes with 'logprobs': true.");
        }

        var likeliest = request.Logprobs == true ? request.TopLogprobs ?? 0 : 0;
        var longest = Math.Max(prompt.Length, guidance?.Opposite.Length ?? 0);
        var (ofPrompt, maxTokens) = (PromptLogprobs.Likeliest(request), request.MaxCompletionTokens ?? request.MaxTokens);
        var isPromptAlone = ofPrompt is not null && maxTokens == 0;
        var options = GenerationSettings.Read(
            request, model, profile.EndTokens, isPromptAlone ? 1 : maxTokens, longest, likeliest, ofPrompt, seed);
        var prepared = new PreparedAnswer(model, prompt, guidance, options with
        {
            Constraint = TokenRules.Around(constraint, request, model.Tokenizer, model.Weights.Config.VocabularySize),
            ShownTokenIds = [.. profile.MarkTokens],
        })
        {
            Count = GenerationSettings.Choices(request),
            IsPromptAlone = isPromptAlone,
            Syntax = profile.Syntax,
            CallableTools = constraint is null || offer.IsRequired ? offer.Tools : null,
            OpensReasoning = opensReasoning,
            IsCalls = offer.IsRequired,
            TellsTokens = request.Logprobs == true || request.ReturnTokenIds == true,
            EchoedText = FinalMessage.Echo(request, turns),
            StopsAfterOneCall = request.ParallelToolCalls == false || offer.Named is not null,
        };
        PromptLogprobs.CheckNumber([prepared], answers: 1);
        return prepared;
    }

    /// <summary>Reads a conversation's messages.</summary>
    public static IReadOnlyList<Turn> ReadTurns(JsonElement? messages)
    {
        if (messages is not { ValueKind: JsonValueKind.Array } list)
        {
            throw ApiException.Invalid(Messages, messages is { } other
                ? $"'messages' is {RequestBody.Kind(other)}, and must be a list of messages."
                : "There are no 'messages': they are what the model answers.");
        }

        if (list.GetArrayLength() == 0)
        {
            throw ApiException.Invalid(Messages, "'messages' is empty: the model needs something to answer.");
        }

        var array = JsonArray.Create(list)!;
        foreach (var message in array.OfType<JsonObject>())
        {
            // The newer name of the system's role, which chat templates do not know.
            if (message["role"] is JsonValue role && role.TryGetValue<string>(out var name) && name == "developer")
            {
                message["role"] = Roles.System;
            }
        }

        try
        {
            return ChatTurns.Read(array, Messages, 1);
        }
        catch (DataException e)
        {
            throw ApiException.Invalid(e.Field, $"{(e.Field is null ? "" : $"'{e.Field}' ")}{e.Problem}", e);
        }
    }

    private static ChatProfile WithVariables(ChatProfile profile, JsonElement? variables) => variables switch
    {
        not { ValueKind: not JsonValueKind.Null } => profile,
        { ValueKind: JsonValueKind.Object } given => WithVariables(profile, JsonObject.Create(given)),
        { } other => throw ApiException.Invalid(Variables, $"'{Variables}' is {RequestBody.Kind(other)}, and must be an object."),
    };

    private static ChatProfile WithVariables(ChatProfile profile, JsonObject? values)
    {
        if (values is null)
        {
            return profile;
        }

        if (profile.Renderer is not ChatTemplateRenderer renderer)
        {
            throw ApiException.Invalid(
                Variables, $"'{Variables}' is for a chat template, and this model's renderer, {profile.Renderer.Name}, has none.");
        }

        try
        {
            return profile with { Renderer = renderer.With(values) };
        }
        catch (ArgumentException e)
        {
            throw ApiException.Invalid(Variables, $"'{Variables}': {e.Message}", e);
        }
    }

    private static IReadOnlyList<Turn> Worded(IReadOnlyList<Turn> turns, PromptTemplate? prompt, string? condition)
    {
        try
        {
            return prompt is null ? turns : prompt.Apply(turns, condition!);
        }
        catch (FormatException e)
        {
            throw ApiException.Invalid(
                Messages,
                $"The model's prompt cannot be put around these messages: {e.Message}. Its name with :raw takes them as they stand.",
                e);
        }
    }

    private static int[] Encode(ChatProfile profile, IReadOnlyList<Turn> turns, JsonElement? tools, PromptEnd end)
    {
        try
        {
            return profile.Encode(turns, tools, end);
        }
        catch (ModelException e)
        {
            throw ApiException.Invalid(e.InnerException is null ? "tools" : Messages, Sentence(e.Message), e);
        }
        catch (Exception e) when (e is FormatException or ChatTemplateException)
        {
            throw ApiException.Invalid(Messages, e.Message, e);
        }
    }

    private static string Sentence(string text) => text.Length > 0 ? char.ToUpperInvariant(text[0]) + text[1..] : text;
}
