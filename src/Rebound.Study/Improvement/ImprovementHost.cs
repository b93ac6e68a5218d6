using Rebound.Engine;

namespace Rebound.Study.Improvement;

/// <summary>The environment of an improvement.</summary>
/// <param name="Backend">Stays the caller's to dispose of.</param>
public sealed record ImprovementHost(Backend Backend)
{
    /// <summary>Opens a second backend on the same GPU; null for none.</summary>
    public Func<Backend>? OpenAnother { get; init; }

    public IImprovementObserver Observer { get; init; } = new Unobserved();

    /// <summary>Measures phases.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    private sealed class Unobserved : IImprovementObserver;
}
