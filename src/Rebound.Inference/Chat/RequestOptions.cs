using Microsoft.Extensions.AI;
using Rebound.Grammar;
using Rebound.Inference.Generation;
using Rebound.Trajectories.Chat;

namespace Rebound.Inference.Chat;

/// <summary>Reads generation options from a chat request.</summary>
internal static class RequestOptions
{
    /// <summary>Whether the answer has to be calls, and nothing else.</summary>
    public static bool IsCalls(ChatOptions? options) => options is { Tools.Count: > 0, ToolMode: RequiredChatToolMode };

    /// <summary>Whether an answer ends with its first call.</summary>
    public static bool StopsAfterOneCall(ChatOptions? options) =>
        options is { AllowMultipleToolCalls: false } or { ToolMode: RequiredChatToolMode { RequiredFunctionName: not null } };

    /// <param name="asked">How the model is asked where the request does not say.</param>
    /// <param name="forms">The forms that an answer may be held to.</param>
    /// <exception cref="GrammarException">The schema of the response's format cannot be held to.</exception>
    /// <exception cref="NotSupportedException">The request asks for what a local checkpoint does not do.</exception>
    public static GenerationOptions Read(ChatOptions? options, ChatProfile asked, AnswerForms forms)
    {
        var defaults =
            new GenerationOptions { StopTokenIds = [.. asked.EndTokens], ShownTokenIds = [.. asked.MarkTokens], Sampling = asked.Sampling };
        if (options is null)
        {
            return defaults;
        }

        (bool Asked, string Name)[] unknown =
        [
            (options.Tools?.Any(tool => tool is not AIFunctionDeclaration) == true, "tools that are no functions"),
            (options.ResponseFormat is not (null or ChatResponseFormatText or ChatResponseFormatJson), "response format of this kind"),
        ];
        if (options.ToolMode is RequiredChatToolMode
            && options.Tools?.OfType<AIFunctionDeclaration>().Any(tool => Named(options) is null || tool.Name == Named(options)) != true)
        {
            throw new NotSupportedException(Named(options) is { } called
                ? $"A call of '{called}' is required, which is not among the tools."
                : "A call is required, and there are no tools.");
        }

        if (Array.Find(unknown, part => part.Asked) is { Name: { } name })
        {
            throw new NotSupportedException($"A local checkpoint takes no {name}; ask without it.");
        }

        var sampling = defaults.Sampling;
        return defaults with
        {
            MaxNewTokens = options.MaxOutputTokens ?? defaults.MaxNewTokens,
            StopStrings = [.. options.StopSequences ?? []],
            Constraint = IsCalls(options)
                ? forms.Of(RequiredCalls.Schema(ToolSchemas.Of(options.Tools!), Named(options), onlyOne: StopsAfterOneCall(options)))
                : options.ResponseFormat is ChatResponseFormatJson json ? forms.Of(json.Schema?.GetRawText()) : null,
            Sampling = sampling with
            {
                Temperature = options.Temperature ?? sampling.Temperature,
                TopK = options.TopK ?? sampling.TopK,
                TopP = options.TopP ?? sampling.TopP,
                PresencePenalty = options.PresencePenalty ?? sampling.PresencePenalty,
                FrequencyPenalty = options.FrequencyPenalty ?? sampling.FrequencyPenalty,
                Seed = options.Seed is { } seed ? unchecked((ulong)seed) : sampling.Seed,
            },
        };
    }

    /// <summary>The only tool that may be called; null for any.</summary>
    private static string? Named(ChatOptions options) => (options.ToolMode as RequiredChatToolMode)?.RequiredFunctionName;
}
