namespace Rebound.Study.Comparison;

/// <summary>The names of the splits of a world's questions.</summary>
public static class WorldSplits
{
    /// <summary>What the teacher tries, and students learn from.</summary>
    public const string Train = "train";

    /// <summary>What settings were looked for on.</summary>
    public const string Validation = "validation";

    /// <summary>What the result is measured on.</summary>
    public const string Test = "test";
}
