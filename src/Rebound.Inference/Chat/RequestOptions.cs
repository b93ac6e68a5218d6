using Microsoft.Extensions.AI;
using Rebound.Grammar;
using Rebound.Inference.Generation;

namespace Rebound.Inference.Chat;

/// <summary>Reads generation options from a chat request.</summary>
internal static class RequestOptions
{
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
            (options.Tools is { Count: > 0 } && options.ToolMode is RequiredChatToolMode, "calls that are required of it"),
            (options.ResponseFormat is not (null or ChatResponseFormatText or ChatResponseFormatJson), "response format of this kind"),
        ];
        if (Array.Find(unknown, part => part.Asked) is { Name: { } name })
        {
            throw new NotSupportedException($"A local checkpoint takes no {name}; ask without it.");
        }

        var sampling = defaults.Sampling;
        return defaults with
        {
            MaxNewTokens = options.MaxOutputTokens ?? defaults.MaxNewTokens,
            StopStrings = [.. options.StopSequences ?? []],
            Constraint = options.ResponseFormat is ChatResponseFormatJson json ? forms.Of(json.Schema?.GetRawText()) : null,
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
}
