using System.Text.Json.Serialization;

namespace Rebound.Training.Checkpoints;

/// <summary>Where the elements of a shard's tensor belong.</summary>
/// <param name="Shape">Extents of the whole tensor.</param>
/// <param name="Range">The first element, row-major, and the one after the last.</param>
internal sealed record ShardRange(
    [property: JsonPropertyName("shape"), JsonRequired] IReadOnlyList<long> Shape,
    [property: JsonPropertyName("range"), JsonRequired] IReadOnlyList<long> Range);
