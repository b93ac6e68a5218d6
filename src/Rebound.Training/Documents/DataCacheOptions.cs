namespace Rebound.Training.Documents;

/// <summary>Whether and where rendered data are kept, so that later runs and other processes map them instead of rendering anew.</summary>
public sealed record DataCacheOptions
{
    /// <summary>The name of the folder beside a run's, where no other is given.</summary>
    public const string DefaultName = ".rebound-data";

    /// <summary>Bytes of trajectories from which on rendered data are kept where no folder is given; less take seconds.</summary>
    public const long LeastBytes = 64L << 20;

    /// <summary>False to keep rendered data in memory alone.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>
    /// Where they are kept, whatever their size; null for <see cref="DefaultName"/> beside the run's folder, from
    /// <see cref="LeastBytes"/> on.
    /// </summary>
    public string? Folder { get; init; }
}
