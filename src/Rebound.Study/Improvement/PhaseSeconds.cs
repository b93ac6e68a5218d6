using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rebound.Study.Improvement;

/// <summary>Seconds of work by phase, of all processes that were at it.</summary>
public sealed record PhaseSeconds
{
    public double Collect { get; init; }

    public double Train { get; init; }

    public double Evaluate { get; init; }

    [JsonIgnore]
    public double All => Collect + Train + Evaluate;

    internal PhaseSeconds With(ImprovementPhase phase, double more) => phase switch
    {
        ImprovementPhase.Collect => this with { Collect = Math.Round(Collect + more, 2) },
        ImprovementPhase.Train => this with { Train = Math.Round(Train + more, 2) },
        _ => this with { Evaluate = Math.Round(Evaluate + more, 2) },
    };
}
