using System.Text.Json.Nodes;

namespace Rebound.Traces;

/// <summary>Trajectories that traces became, and what became of the rest.</summary>
/// <param name="Rows">In OpenAI's form, in the order in which the runs began.</param>
/// <param name="LeftOut">Runs that became none, counted by the reason.</param>
/// <param name="WithoutOutcome">Trajectories that have none, counted by the reason.</param>
public sealed record TraceImport(
    IReadOnlyList<JsonObject> Rows, IReadOnlyDictionary<string, int> LeftOut, IReadOnlyDictionary<string, int> WithoutOutcome);
