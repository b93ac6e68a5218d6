using System.Text.Json.Nodes;

namespace Rebound.Gateway.Protocols;

/// <summary>An answer that ended.</summary>
/// <param name="Id">As the upstream names it; null where it does not.</param>
/// <param name="Choices">One, but where several were asked for.</param>
internal sealed record Answered(string? Id, string? Model, IReadOnlyList<AnsweredChoice> Choices);

/// <summary>One of an answer's choices.</summary>
/// <param name="Messages">Of the assistant, in OpenAI's form; mostly one.</param>
/// <param name="Finish">Why it ended, in OpenAI's words.</param>
internal sealed record AnsweredChoice(IReadOnlyList<JsonObject> Messages, string? Finish);
