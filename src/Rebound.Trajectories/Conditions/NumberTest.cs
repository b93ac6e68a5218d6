namespace Rebound.Trajectories.Conditions;

/// <summary>Bounds of a number; all must hold.</summary>
/// <param name="Is">The number itself.</param>
/// <param name="Above">Exclusive.</param>
/// <param name="From">Inclusive.</param>
/// <param name="Below">Exclusive.</param>
/// <param name="To">Inclusive.</param>
public sealed record NumberTest(
    double? Is = null, double? Above = null, double? From = null, double? Below = null, double? To = null)
{
    public bool Holds(double value) =>
        (Is is null || value == Is)
        && (Above is null || value > Above)
        && (From is null || value >= From)
        && (Below is null || value < Below)
        && (To is null || value <= To);
}
