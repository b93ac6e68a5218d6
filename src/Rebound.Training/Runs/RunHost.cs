using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models.Parameters;
using Rebound.Training.Ranks;

namespace Rebound.Training.Runs;

/// <summary>The environment of a run: its backend and its observer.</summary>
/// <param name="Backend">Stays the caller's to dispose of.</param>
public sealed record RunHost(Backend Backend)
{
    /// <summary>The ranks that train together, of which this process or thread is one; null for the only one.</summary>
    public Communicator? Ranks { get; init; }

    /// <summary>Opens a second backend on the same GPU, to compile kernels with while weights are read; null for none.</summary>
    public Func<Backend>? OpenAnother { get; init; }

    /// <summary>The part of what is trained that this rank updates.</summary>
    internal ParameterPart Part => Ranks is null ? ParameterPart.Whole : new ParameterPart(Ranks.Rank, Ranks.Size);

    /// <summary>The agreements of the ranks.</summary>
    internal RankAgreement Agreement => new(Ranks);

    public ITrainingObserver Observer { get; init; } = new Unobserved();

    /// <summary>Measures steps.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    private sealed class Unobserved : ITrainingObserver;
}
