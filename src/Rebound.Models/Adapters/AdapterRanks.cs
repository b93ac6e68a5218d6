namespace Rebound.Models.Adapters;

/// <summary>ΣR of the adapters beside each matrix of a block; 0 for a matrix that has none.</summary>
internal readonly record struct AdapterRanks(int QueryKeyValue, int Output, int GateUp, int Down)
{
    public bool Any => QueryKeyValue + Output + GateUp + Down > 0;

    /// <summary>The larger of each.</summary>
    public AdapterRanks Max(AdapterRanks other) => new(
        Math.Max(QueryKeyValue, other.QueryKeyValue), Math.Max(Output, other.Output),
        Math.Max(GateUp, other.GateUp), Math.Max(Down, other.Down));
}
