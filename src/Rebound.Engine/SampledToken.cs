namespace Rebound.Engine;

/// <summary>The token drawn for a row.</summary>
/// <param name="Token">The id; −1 where a logit of the row is not finite.</param>
/// <param name="LogProbability">
/// Of the token, natural, by the row's own logits as they were: before guidance, edits and temperature. Where a logit is not finite, that
/// logit.
/// </param>
/// <param name="Likeliest">
/// The tokens of the largest logits, as many as the row asked for, the likeliest first, of equal ones the smallest id; valid until the
/// second <see cref="PreparedSampling.Collect"/> from the one that it was read from.
/// </param>
public readonly record struct SampledToken(int Token, float LogProbability, ReadOnlyMemory<LikelyToken> Likeliest);

/// <summary>A token with its natural log-probability, by logits as they were.</summary>
public readonly record struct LikelyToken(int Token, float LogProbability);

/// <summary>Results on their way to the host.</summary>
/// <param name="Number">Counts collections from 1.</param>
public readonly record struct SamplingTicket(long Number);
