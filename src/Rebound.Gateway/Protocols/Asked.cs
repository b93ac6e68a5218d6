using System.Text.Json.Nodes;

namespace Rebound.Gateway.Protocols;

/// <summary>A request for an answer.</summary>
/// <param name="Follows">The id of a response whose conversation it goes on with; null where all is said in its messages.</param>
/// <param name="Messages">In OpenAI's form.</param>
/// <param name="Tools">Null for none.</param>
internal sealed record Asked(string? Model, string? Follows, IReadOnlyList<JsonObject> Messages, JsonArray? Tools);
