using Rebound.Engine;

namespace Rebound.Server.OpenAi;

/// <summary>A token of a completion's log-probabilities.</summary>
/// <param name="LogProbability">Null for the first token of a prompt, which comes after none.</param>
/// <param name="Likeliest">The likeliest tokens in its place; null for that first one.</param>
/// <param name="Offset">Characters of the text before it.</param>
internal readonly record struct LoggedToken(int Token, float? LogProbability, IReadOnlyList<LikelyToken>? Likeliest, int Offset);
