using System.Globalization;
using System.Text.Json;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Serving;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>Log-probabilities of a prompt's tokens: <c>prompt_logprobs</c>, as vLLM has them.</summary>
internal static class PromptLogprobs
{
    /// <summary>Log-probabilities of prompts that a request may have, so that they, and the response, are of bounded size.</summary>
    public const int Most = 500_000;

    private const string Member = "prompt_logprobs";

    /// <summary>Likeliest tokens that are wanted in the place of each of the prompt's; null for no log-probabilities of it.</summary>
    /// <param name="echoed">As many are wanted with a prompt that is given back; null for none.</param>
    /// <exception cref="ApiException">It is out of range, or asked for in a stream.</exception>
    public static int? Likeliest(GenerationMembers request, int? echoed = null)
    {
        if (request.PromptLogprobs is not { } asked)
        {
            return echoed;
        }

        if (asked is < 0 or > SamplingRow.MostLikeliest)
        {
            throw ApiException.Invalid(Member, $"'{Member}' is {asked}, and must be from 0 to {SamplingRow.MostLikeliest}.");
        }

        return request.Stream != true
            ? Math.Max(asked, echoed ?? 0)
            : throw ApiException.Invalid(Member, $"'{Member}' does not go with 'stream': they come with a whole response.");
    }

    /// <param name="answers">How often each prompt's are told.</param>
    /// <exception cref="ApiException">They are too many.</exception>
    public static void CheckNumber(IReadOnlyCollection<PreparedAnswer> asked, int answers)
    {
        var number = asked.Sum(prompt =>
            prompt.Options.PromptLikeliestTokens is { } likeliest ? (long)prompt.Prompt.Length * (likeliest + 1) * answers : 0);
        if (number > Most)
        {
            throw ApiException.Invalid(
                Member,
                $"Log-probabilities of {asked.Sum(prompt => prompt.Prompt.Length)} tokens of prompts, those of likely tokens and of all "
                    + $"answers counted, are {number}, and a request may have {Most}: ask for fewer likely tokens, or for shorter or "
                    + "fewer prompts.");
        }
    }

    /// <summary>
    /// Writes a list with null for the first token, and <c>{"id": {"logprob", "rank", "decoded_token"}, …}</c> for the others.
    /// </summary>
    public static void Write(Utf8JsonWriter writer, GenerationMembers request, TokenTexts texts, IReadOnlyList<ScoredToken> tokens)
    {
        if (request.PromptLogprobs is not { } likeliest)
        {
            return;
        }

        writer.WriteStartArray(Member);
        writer.WriteNullValue();
        foreach (var token in tokens)
        {
            writer.WriteStartObject();
            Write(writer, texts, token.Token, token.LogProbability, token.Rank);
            foreach (var (place, likely) in token.Likeliest.Take(likeliest).Index())
            {
                if (likely.Token != token.Token)
                {
                    Write(writer, texts, likely.Token, likely.LogProbability, place + 1);
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, TokenTexts texts, int token, float logprob, int rank)
    {
        writer.WriteStartObject(token.ToString(CultureInfo.InvariantCulture));
        writer.WriteNumber("logprob", LogprobWriter.Finite(logprob));
        writer.WriteNumber("rank", rank);
        writer.WriteString("decoded_token", texts.Text(token));
        writer.WriteEndObject();
    }
}
