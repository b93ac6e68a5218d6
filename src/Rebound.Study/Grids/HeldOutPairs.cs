using System.Text.Json.Nodes;
using Rebound.Agents.Tasks;
using Rebound.Files.Rows;
using Rebound.Study.Likelihood;

namespace Rebound.Study.Grids;

/// <summary>Successes and failures at questions that are not learned from, to measure what conditions do to their likelihood.</summary>
public sealed class HeldOutPairs
{
    private HeldOutPairs(IReadOnlyList<TrajectoryPair> pairs, string name) => (Pairs, Name) = (pairs, name);

    /// <summary>At least one.</summary>
    public IReadOnlyList<TrajectoryPair> Pairs { get; }

    /// <summary>The name of their results, other for other trajectories.</summary>
    internal string Name { get; }

    /// <param name="most">Questions at most; null for all that have both.</param>
    /// <exception cref="DataException">A file cannot be read, or there is no such pair.</exception>
    public static async Task<HeldOutPairs> ReadAsync(
        string positivePath, string negativePath, string questionPath, int? most, CancellationToken cancellation)
    {
        var pairs = await TrajectoryPair.ReadAsync(positivePath, negativePath, questionPath, most, cancellation);
        var description = new JsonObject
        {
            ["positive"] = QuestionLoader.Fingerprint(positivePath),
            ["negative"] = QuestionLoader.Fingerprint(negativePath),
            ["questions"] = QuestionLoader.Fingerprint(questionPath),
            ["most"] = most,
        };
        return new HeldOutPairs(pairs, $"likelihoods-{CellFolder.Fingerprint(description)}");
    }
}
