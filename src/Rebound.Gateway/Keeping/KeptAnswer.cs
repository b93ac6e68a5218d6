namespace Rebound.Gateway.Keeping;

/// <summary>An answer of the upstream, which ends a conversation as far as it has come.</summary>
/// <param name="Conversation">The conversation's id.</param>
/// <param name="Response">The id that the upstream gave it; null for none.</param>
/// <param name="Tools">The number of the tools' list in the journal; null for none.</param>
/// <param name="Time">Seconds since 1970.</param>
internal sealed record KeptAnswer(string Conversation, string? Response, string? Model, int? Tools, string? Finish, long Time);
