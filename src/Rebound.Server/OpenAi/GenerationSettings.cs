using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>Reads how text is to be generated: what a request says, else what the model's own files say.</summary>
internal static class GenerationSettings
{
    private const int MostStops = 16;
    private const int LongestStop = 1000;
    private const int MostBiases = 1024;
    private const int MostChoices = 128;

    /// <summary>Answers that a request asks for.</summary>
    public static int Choices(GenerationMembers request) => request.N switch
    {
        null => 1,
        >= 1 and <= MostChoices and var count => count,
        { } count => throw ApiException.Invalid("n", $"'n' is {count}, and must be from 1 to {MostChoices}."),
    };

    /// <param name="ends">The tokens that end an answer.</param>
    /// <param name="maxTokens">Most tokens of the answer; null for as many as there is room for.</param>
    /// <param name="promptTokens">Of the longest prompt.</param>
    /// <param name="likeliest">How many of the likeliest tokens are wanted with each token.</param>
    /// <param name="ofPrompt">How many in the place of each token of the prompt; null for no log-probabilities of it.</param>
    /// <param name="seed">Of the draws where the request has none.</param>
    /// <exception cref="ApiException">A member is outside of its range.</exception>
    public static GenerationOptions Read(
        GenerationMembers request, ServedModel model, IReadOnlyList<int> ends, int? maxTokens, int promptTokens, int likeliest,
        int? ofPrompt, ulong seed)
    {
        var context = model.ContextLength;
        if (promptTokens > context)
        {
            throw ApiException.TooLong(
                $"The prompt has {promptTokens} tokens, and the model takes at most {context} together with its answer: shorten it.");
        }

        if (maxTokens is < 1)
        {
            throw ApiException.Invalid(
                "max_tokens", $"'max_tokens' is {maxTokens}, and must be at least 1, or 0 where a prompt is to be told of: with "
                    + "'prompt_logprobs', or 'echo' of a completion.");
        }

        if (likeliest is < 0 or > SamplingRow.MostLikeliest)
        {
            throw ApiException.Invalid(
                "top_logprobs", $"{likeliest} likeliest tokens are asked for, and 0 to {SamplingRow.MostLikeliest} can be.");
        }

        var vocabulary = model.Weights.Config.VocabularySize;
        var stopTokens = StopTokens(request.StopTokenIds, vocabulary);
        var options = new GenerationOptions
        {
            Sampling = Sampling(request, model.Sampling, vocabulary, seed) with { LikeliestTokens = likeliest },
            MaxNewTokens = Math.Min(maxTokens ?? int.MaxValue, context - promptTokens + 1),
            StopStrings = Stops(request.Stop),
            ShowsStop = request.IncludeStopStrInOutput == true,
            ShowsSpecialTokens = request.SkipSpecialTokens == false,
            PromptLikeliestTokens = ofPrompt,
            StopTokenIds = [.. (request.IgnoreEos == true ? [] : ends).Concat(stopTokens).Distinct()],
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException e)
        {
            throw ApiException.Invalid(null, e.Message, e);
        }
    }

    /// <summary>How tokens are drawn.</summary>
    /// <param name="own">Where the request does not say.</param>
    /// <param name="vocabulary">Ids of tokens are below it.</param>
    /// <exception cref="ApiException">A bias names a token that there is not.</exception>
    public static SamplingOptions Sampling(SamplingMembers request, SamplingOptions own, int vocabulary, ulong seed) =>
        own with
        {
            Temperature = (float?)request.Temperature ?? own.Temperature,
            TopP = (float?)request.TopP ?? own.TopP,
            TopK = request.TopK is -1 ? 0 : request.TopK ?? own.TopK,
            MinP = (float?)request.MinP ?? own.MinP,
            RepetitionPenalty = (float?)request.RepetitionPenalty ?? own.RepetitionPenalty,
            PresencePenalty = (float?)request.PresencePenalty ?? own.PresencePenalty,
            FrequencyPenalty = (float?)request.FrequencyPenalty ?? own.FrequencyPenalty,
            LogitBias = Bias(request.LogitBias, vocabulary),
            Seed = request.Seed is { } given ? unchecked((ulong)given) : seed,
        };

    private static ImmutableArray<string> Stops(JsonElement? stop)
    {
        string[] stops = stop switch
        {
            null or { ValueKind: JsonValueKind.Null } => [],
            { ValueKind: JsonValueKind.String } text => [text.GetString()!],
            { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. list.EnumerateArray().Select(item => item.GetString()!)],
            _ => throw ApiException.Invalid("stop", "'stop' must be a text, or a list of texts."),
        };
        return stops.Length > MostStops || Array.Exists(stops, text => text.Length > LongestStop)
            ? throw ApiException.Invalid(
                "stop", $"'stop' may have {MostStops} texts of {LongestStop} characters, and has {stops.Length}, the longest of "
                    + $"{stops.Max(text => text.Length)}.")
            : [.. stops];
    }

    private static ImmutableDictionary<int, float> Bias(Dictionary<string, double>? bias, int vocabulary)
    {
        const string Member = "logit_bias";
        if (bias is { Count: > MostBiases })
        {
            throw ApiException.Invalid(Member, $"'{Member}' has {bias.Count} tokens, and may have {MostBiases}.");
        }

        var biases = ImmutableDictionary.CreateBuilder<int, float>();
        foreach (var (id, value) in bias ?? [])
        {
            if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var token) || token >= vocabulary)
            {
                throw ApiException.Invalid(
                    Member, $"'{Member}' names a token that there is not, and must name ids from 0 to {vocabulary - 1}.");
            }

            biases[token] = (float)value;
        }

        return biases.ToImmutable();
    }

    private static IReadOnlyList<int> StopTokens(IReadOnlyList<int>? tokens, int vocabulary)
    {
        const string Member = "stop_token_ids";
        if (tokens is { Count: > MostStops } || tokens?.Any(token => token < 0 || token >= vocabulary) == true)
        {
            throw ApiException.Invalid(Member, $"'{Member}' may have {MostStops} ids from 0 to {vocabulary - 1}.");
        }

        return tokens ?? [];
    }
}
