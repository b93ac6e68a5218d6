namespace Rebound.Engine;

/// <summary>The types of frozen weights that a backend computes with as files store them, besides its own.</summary>
public enum StoredWeightTypes
{
    /// <summary>None: weights are widened when they are loaded.</summary>
    None,

    /// <summary>Those of blocks.</summary>
    Blocks,

    /// <summary>Those of blocks and of 16 bits.</summary>
    All,
}
