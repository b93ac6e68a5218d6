using System.Text.Json.Nodes;

namespace Rebound.Traces.Conventions;

/// <summary>A model's question and answer, as OpenAI's messages.</summary>
/// <param name="Tools">As OpenAI's list of tools; null where the span says none.</param>
internal sealed record Exchange(IReadOnlyList<JsonObject> Input, IReadOnlyList<JsonObject> Output, JsonArray? Tools);
