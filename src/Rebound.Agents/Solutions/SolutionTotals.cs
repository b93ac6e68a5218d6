using System.Text.Json.Nodes;

namespace Rebound.Agents.Solutions;

/// <summary>Counts solutions by result, and keeps the first of every fault.</summary>
public sealed class SolutionTotals
{
    private readonly Dictionary<SolutionFault, (int Count, string First)> _leftOut = [];
    private readonly Dictionary<Agreement, int> _calculations = [];

    /// <summary>Solutions that became trajectories.</summary>
    public int Written { get; private set; }

    /// <summary>All solutions.</summary>
    public int Solutions => Written + _leftOut.Values.Sum(fault => fault.Count);

    /// <summary>Calculations of those that became trajectories.</summary>
    public int Calculations => _calculations.Values.Sum();

    /// <summary>Solutions that did not become trajectories: how many, and what is wrong with the first one.</summary>
    public IReadOnlyDictionary<SolutionFault, (int Count, string First)> LeftOut => _leftOut;

    /// <summary>Calculations of those that became trajectories.</summary>
    public int Of(Agreement agreement) => _calculations.GetValueOrDefault(agreement);

    /// <param name="isWritten">Whether it became a trajectory.</param>
    public void Add(PlayedSolution solution, bool isWritten)
    {
        if (!isWritten)
        {
            var fault = solution.Fault!.Value;
            var (count, first) = _leftOut.GetValueOrDefault(fault, (0, $"Question {solution.Question.IdText}: {solution.Detail}"));
            _leftOut[fault] = (count + 1, first);
            return;
        }

        Written++;
        foreach (var calculation in solution.Calculations)
        {
            _calculations[calculation.Agreement] = Of(calculation.Agreement) + 1;
        }
    }

    public JsonObject ToJson() => new()
    {
        ["solutions"] = Solutions,
        ["written"] = Written,
        ["calculations"] = new JsonObject(Enum.GetValues<Agreement>().Select(agreement =>
            KeyValuePair.Create<string, JsonNode?>(agreement.ToString().ToLowerInvariant(), Of(agreement)))),
        ["left_out"] = new JsonObject(_leftOut.OrderBy(fault => fault.Key).Select(fault =>
            KeyValuePair.Create<string, JsonNode?>(
                fault.Key.Name(), new JsonObject { ["count"] = fault.Value.Count, ["first"] = fault.Value.First }))),
    };
}
