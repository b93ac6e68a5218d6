namespace Rebound.Server.Http;

/// <summary>The kind of answer that an endpoint gives, for the OpenAPI document.</summary>
/// <param name="Schema">One of <see cref="ApiSchemas"/>; null for plain text.</param>
/// <param name="IsStreamed">Whether a request can ask for server-sent events in its place.</param>
internal sealed record ApiAnswer(string? Schema, bool IsStreamed = false);
