using System.Text.Json;

namespace Rebound.Server.OpenAi;

/// <summary>The members of requests that say how text is generated; null where a request does not say.</summary>
internal abstract record GenerationMembers : SamplingMembers
{
    public int? N { get; init; }

    /// <summary>A text, or several.</summary>
    public JsonElement? Stop { get; init; }

    public IReadOnlyList<int>? StopTokenIds { get; init; }

    public bool? IgnoreEos { get; init; }

    /// <summary>Tokens before which the answer does not end by itself.</summary>
    public int? MinTokens { get; init; }

    /// <summary>The only tokens that may come, beside those that end the answer.</summary>
    public IReadOnlyList<int>? AllowedTokenIds { get; init; }

    /// <summary>Texts that may not come.</summary>
    public IReadOnlyList<string>? BadWords { get; init; }

    /// <summary>Whether answers have the stop string, or the text of the stop token, that ended them.</summary>
    public bool? IncludeStopStrInOutput { get; init; }

    /// <summary>Whether special tokens are left out of texts; true by default.</summary>
    public bool? SkipSpecialTokens { get; init; }

    /// <summary>Likeliest tokens that are wanted in the place of each of the prompt's; null for no log-probabilities of it.</summary>
    public int? PromptLogprobs { get; init; }

    /// <summary>Whether tokens of log-probabilities are told as <c>token_id:N</c>.</summary>
    public bool? ReturnTokensAsTokenIds { get; init; }

    public StreamOptions? StreamOptions { get; init; }

    /// <summary>The form that answers are held to, as OpenAI says it.</summary>
    public JsonElement? ResponseFormat { get; init; }

    /// <summary>
    /// The form as vLLM says it: an object with one of <c>json</c>, <c>json_object</c>, <c>regex</c>, <c>choice</c> and <c>grammar</c>.
    /// </summary>
    public JsonElement? StructuredOutputs { get; init; }

    /// <summary>A JSON Schema, or one as text: vLLM's older name.</summary>
    public JsonElement? GuidedJson { get; init; }

    /// <summary>A regular expression that matches the whole answer.</summary>
    public JsonElement? GuidedRegex { get; init; }

    /// <summary>A list of texts, of which the answer is one.</summary>
    public JsonElement? GuidedChoice { get; init; }

    /// <summary>A context-free grammar.</summary>
    public JsonElement? GuidedGrammar { get; init; }

    /// <summary>The same by the name that llama.cpp gives it.</summary>
    public JsonElement? Grammar { get; init; }
}

/// <summary>Usage in streams.</summary>
/// <param name="IncludeUsage">Whether it comes in an event of its own at the end.</param>
/// <param name="ContinuousUsageStats">Whether it comes with every event.</param>
internal sealed record StreamOptions(bool? IncludeUsage, bool? ContinuousUsageStats);
