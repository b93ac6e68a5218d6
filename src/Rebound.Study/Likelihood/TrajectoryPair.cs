using System.Runtime.CompilerServices;
using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Formats;

namespace Rebound.Study.Likelihood;

/// <summary>A success and a failure at one question.</summary>
public sealed record TrajectoryPair(string Id, string Question, Trajectory Success, Trajectory Failure)
{
    /// <summary>
    /// The questions with both, in the order of the successes, each with its first success and its first failure. Both may be in one file,
    /// if its rows tell their outcome.
    /// </summary>
    /// <param name="most">Pairs at most; null for all.</param>
    /// <exception cref="DataException">A file cannot be read, or there is no such pair.</exception>
    public static async Task<IReadOnlyList<TrajectoryPair>> ReadAsync(
        string positivePath, string negativePath, string questionPath, int? most, CancellationToken cancellation)
    {
        var questions = await QuestionFile.ReadAsync(questionPath, cancellation: cancellation);
        var failures = new Dictionary<string, Trajectory>(StringComparer.Ordinal);
        await foreach (var failure in RowsAsync(negativePath, cancellation))
        {
            if (failure.Outcome.Success != true)
            {
                failures.TryAdd(failure.Id, failure);
            }
        }

        var pairs = new Dictionary<string, TrajectoryPair>(StringComparer.Ordinal);
        await foreach (var success in RowsAsync(positivePath, cancellation))
        {
            if (success.Outcome.Success != false && pairs.Count < (most ?? int.MaxValue)
                && failures.TryGetValue(success.Id, out var failure) && questions.Find(success.Id) is { } question)
            {
                pairs.TryAdd(success.Id, new TrajectoryPair(success.Id, question, success, failure));
            }
        }

        return pairs.Count > 0 ? [.. pairs.Values] : throw new DataException(
            positivePath, null, null, $"has no success at a question of {questionPath} at which {negativePath} has a failure.");
    }

    private static async IAsyncEnumerable<Trajectory> RowsAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var file in DataFiles.Of(path))
        {
            await foreach (var trajectory in TrajectoryFile.ReadAsync(file, cancellation: cancellation))
            {
                if (trajectory.Turns.Any(turn => turn.Loss))
                {
                    yield return trajectory;
                }
            }
        }
    }
}
