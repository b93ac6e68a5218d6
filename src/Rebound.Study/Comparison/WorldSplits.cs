namespace Rebound.Study.Comparison;

/// <summary>The names of the splits of a world's questions.</summary>
public static class WorldSplits
{
    /// <summary>The questions that the teacher tries and students learn from.</summary>
    public const string Train = "train";

    /// <summary>The questions on which settings were chosen.</summary>
    public const string Validation = "validation";

    /// <summary>The questions on which results are measured.</summary>
    public const string Test = "test";
}
