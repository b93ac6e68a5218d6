using System.Text.Json;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tasks;
using Rebound.Trajectories;

namespace Rebound.Agents.Solutions;

/// <summary>The result of replaying a solution.</summary>
/// <param name="Episode">Null where it could not be played.</param>
/// <param name="Calculations">Its annotations beside the calculator's values, in order.</param>
/// <param name="Fault">Why it is no example to learn from; null for one that is.</param>
/// <param name="Detail">The fault in words.</param>
public sealed record PlayedSolution(
    TaskQuestion Question, Episode? Episode, IReadOnlyList<CheckedCalculation> Calculations, SolutionFault? Fault, string? Detail)
{
    /// <summary>The <c>source</c> of trajectories made from solutions.</summary>
    public const string Source = "solution";

    /// <summary>The row's member that lists calculations of another value than the solution's.</summary>
    public const string Unconfirmed = "unconfirmed";

    /// <summary>The trajectory; what the calculator did not confirm is listed in it.</summary>
    /// <exception cref="InvalidOperationException">There is no episode.</exception>
    public Trajectory ToTrajectory()
    {
        var trajectory = (Episode ?? throw new InvalidOperationException("The solution was not played."))
            .ToTrajectory() with
        { Source = Source };
        var different = Calculations.Where(calculation => calculation.Agreement == Agreement.Different)
            .Select(calculation =>
                new { expression = calculation.Expression, value = calculation.Value, observation = calculation.Observation }).ToArray();
        if (different.Length == 0)
        {
            return trajectory;
        }

        var members =
            new OrderedDictionary<string, JsonElement>(trajectory.Members) { [Unconfirmed] = JsonSerializer.SerializeToElement(different) };
        return trajectory with { Members = members };
    }
}
