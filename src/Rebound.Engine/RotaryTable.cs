namespace Rebound.Engine;

/// <summary>Cosines and sines of the rotary angles for positions 0 to P − 1.</summary>
/// <param name="Cosines">[P, HeadDim/2], fp32, any attention factor included.</param>
/// <param name="Sines">[P, HeadDim/2], fp32, any attention factor included.</param>
public readonly record struct RotaryTable(Tensor Cosines, Tensor Sines)
{
    /// <summary>Positions in the table.</summary>
    public int Positions => Cosines.Shape[0];
}
