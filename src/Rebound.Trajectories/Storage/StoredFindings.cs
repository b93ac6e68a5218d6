using System.Text.Json;
using Rebound.Files.Rows;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Storage;

/// <summary>The JSON of a file of rendered data: what reading found beside the documents.</summary>
/// <param name="Names">Paths, conditions and outcomes, which many documents share.</param>
/// <param name="Exceeding"><see cref="LengthLimit.Exceeding"/>.</param>
/// <param name="Longest"><see cref="LengthLimit.Longest"/>.</param>
internal sealed record StoredFindings(
    IReadOnlyList<string> Names,
    BadRowsRecord BadRows,
    BadRowsRecord EmptyTrajectories,
    BadRowsRecord FailuresWithoutLoss,
    AgentFactsRecord Agent,
    int DocumentsBeyondLimit,
    bool HasOutcomes,
    IReadOnlyList<string> OutcomeLikes,
    int BeginWithAnswers,
    int Exceeding,
    int Longest)
{
    public static StoredFindings Of(IReadOnlyList<string> names, DatasetFindings findings, LengthLimit limit) => new(
        names,
        findings.BadRows.ToRecord(),
        findings.EmptyTrajectories.ToRecord(),
        findings.FailuresWithoutLoss.ToRecord(),
        findings.Agent.ToRecord(),
        findings.DocumentsBeyondLimit,
        findings.HasOutcomes,
        findings.OutcomeLikes,
        findings.BeginWithAnswers,
        limit.Exceeding,
        limit.Longest);

    /// <exception cref="JsonException">It is damaged.</exception>
    public static StoredFindings Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize<StoredFindings>(utf8) ?? throw new JsonException("There are no findings.");

    public byte[] ToUtf8() => JsonSerializer.SerializeToUtf8Bytes(this);

    public DatasetFindings ToFindings() => new()
    {
        BadRows = Files.Rows.BadRows.Of(BadRows),
        EmptyTrajectories = Files.Rows.BadRows.Of(EmptyTrajectories),
        FailuresWithoutLoss = Files.Rows.BadRows.Of(FailuresWithoutLoss),
        Agent = AgentFacts.Of(Agent),
        DocumentsBeyondLimit = DocumentsBeyondLimit,
        HasOutcomes = HasOutcomes,
        OutcomeLikes = OutcomeLikes,
        BeginWithAnswers = BeginWithAnswers,
    };
}
