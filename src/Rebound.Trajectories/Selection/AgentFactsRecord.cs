using System.Text.Json;

namespace Rebound.Trajectories.Selection;

/// <summary><see cref="AgentFacts"/> as they are stored.</summary>
internal sealed record AgentFactsRecord(bool IsFirst, bool HasCalls, string? System, IReadOnlyList<JsonElement> Schemas);
