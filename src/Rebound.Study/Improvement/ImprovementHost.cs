using Rebound.Engine;

namespace Rebound.Study.Improvement;

/// <summary>The environment of an improvement.</summary>
/// <param name="Backend">Trains. Stays the caller's to dispose of.</param>
public sealed record ImprovementHost(Backend Backend)
{
    /// <summary>Opens a second backend on the same GPU; null for none.</summary>
    public Func<Backend>? OpenAnother { get; init; }

    /// <summary>
    /// Those that tries and evaluations are shared out over, each with a copy of the model; by default <see cref="Backend"/> alone. They
    /// stay the caller's, too.
    /// </summary>
    public IReadOnlyList<Backend> Copies { get; init; } = [Backend];

    public IImprovementObserver Observer { get; init; } = new Unobserved();

    /// <summary>Measures phases.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    private sealed class Unobserved : IImprovementObserver;
}
