using Rebound.Engine;

namespace Rebound.Training.Runs;

/// <summary>The environment of a run: its backend and its observer.</summary>
/// <param name="Backend">Stays the caller's to dispose of.</param>
public sealed record RunHost(Backend Backend)
{
    /// <summary>Opens a second backend on the same GPU, to compile kernels with while weights are read; null for none.</summary>
    public Func<Backend>? OpenAnother { get; init; }

    public ITrainingObserver Observer { get; init; } = new Unobserved();

    /// <summary>Measures steps.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    private sealed class Unobserved : ITrainingObserver;
}
