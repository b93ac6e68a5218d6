namespace Rebound.Study.Results;

/// <summary>One kind of run that is compared with others: all that it is but its seed.</summary>
/// <param name="Method">As reports name it: a training method, or a variant of one.</param>
public sealed record Arm(string Method)
{
    /// <summary>The model that training started from; empty where there is one alone.</summary>
    public string Model { get; init; } = "";

    /// <summary>Successes that were learned from; null where that is not known.</summary>
    public int? Successes { get; init; }

    /// <summary>Failures that were learned from; null where that is not known.</summary>
    public int? Failures { get; init; }
}
