namespace Rebound.Models.Parameters;

/// <summary>The share of divided parameters that a set keeps in memory.</summary>
public enum ParameterStorage
{
    /// <summary>Everything.</summary>
    Whole,

    /// <summary>The set's own part alone.</summary>
    OwnPart,
}
