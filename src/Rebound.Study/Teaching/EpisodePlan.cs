using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;

namespace Rebound.Study.Teaching;

/// <summary>A teacher's plan for a problem, mistakes included; the results of tools are filled in on the way.</summary>
/// <param name="Result">The planned answer.</param>
/// <param name="Mistakes">Those in it; empty where all is right.</param>
/// <param name="Malformed">Whether the last step is written down without an action.</param>
internal sealed partial record EpisodePlan(
    IReadOnlyList<PlannedStep> Steps, Operand Result, IReadOnlyList<Mistake> Mistakes, bool Malformed)
{
    /// <summary>The next turn of the conversation.</summary>
    public string Say(IReadOnlyList<ChatMessage> messages)
    {
        var turns = messages.SkipWhile(message => message.Role != ChatRole.Assistant).ToArray();
        var observed = turns.Where(turn => turn.Role == ChatRole.User).Select(turn => turn.Text[AgentLoop.Observation.Length..]).ToArray();
        if (observed is [.., var last] && !IsNumber().IsMatch(last))
        {
            return Turn("That cannot be.", $"{ToolSet.Finish}[unknown]");
        }

        if (observed.Length == Steps.Count)
        {
            return Turn("That is all.", $"{ToolSet.Finish}[{Result.Text(observed)}]");
        }

        var step = Steps[observed.Length];
        var calculation = $"{step.Left.Text(observed)} {step.Operator} {step.Right.Text(observed)}";
        return Malformed && observed.Length == Steps.Count - 1
            ? $"Thought: {step.Thought}\n{calculation}"
            : Turn(step.Thought, $"calculate[{calculation}]");
    }

    private static string Turn(string thought, string action) => $"Thought: {thought}\nAction: {action}";

    [GeneratedRegex(@"^-?\d+(/\d+)?$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IsNumber();
}
