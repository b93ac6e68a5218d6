using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Models;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Solutions;

/// <summary>
/// Plays worked solutions as episodes: each calculation a turn, <c>Thought: …</c> and <c>Action: calculate[…]</c>, and the answer the
/// last one, through the loop, the tool and the scoring of a model's episodes. Observations come from the tool, not from the solution.
/// </summary>
/// <param name="stepLimit">Turns that an agent may take.</param>
public sealed class SolutionTeacher(IJudge judge, int stepLimit, TimeProvider time)
{
    private static readonly CalculateTool Calculator = new();

    /// <summary>Plays a question's solution, which is its ground truth.</summary>
    public async Task<PlayedSolution> PlayAsync(TaskQuestion question, CancellationToken cancellation = default)
    {
        AnnotatedSolution solution;
        try
        {
            solution = AnnotatedSolution.Parse(GroundTruthText.Of(question.GroundTruth));
        }
        catch (FormatException e)
        {
            return new PlayedSolution(question, null, [], SolutionFault.Unreadable, e.Message);
        }

        var (steps, turns) = (solution.Steps, Turns(solution));
        if (steps.Count == 0)
        {
            return new PlayedSolution(question, null, [], SolutionFault.NoCalculation, "it calculates nothing with the calculator.");
        }

        if (turns.Count > stepLimit)
        {
            return new PlayedSolution(
                question, null, [], SolutionFault.StepLimit, $"it takes {turns.Count} turns, and an agent has {stepLimit}.");
        }

        var runner = new EpisodeRunner(
            new ScriptedModel(said => turns[said.Count(message => message.Role == ChatRole.Assistant)]), new ToolSet(Calculator), judge,
            new EpisodeOptions { StepLimit = stepLimit }, time);
        var episode = await runner.RunAsync(question, [], cancellation);
        if (Misread(episode, turns, solution) is { } turn)
        {
            return new PlayedSolution(question, null, [], SolutionFault.Misread, $"an agent that says '{turn}' is understood otherwise.");
        }

        var observations = episode.Turns.Where(said =>
            said.Role == Roles.User).Select(said => said.Content[AgentLoop.Observation.Length..]);
        CheckedCalculation[] calculations =
            [.. steps.Zip(observations, (step, observation) => new CheckedCalculation(step.Expression, step.Value, observation))];
        var different = Array.Find(calculations, calculation => calculation.Agreement == Agreement.Different);
        return different is null
            ? new PlayedSolution(question, episode, calculations, null, null)
            : new PlayedSolution(
                question, episode, calculations, SolutionFault.NotConfirmed,
                $"it says that {different.Expression} is {different.Value}, and the calculator says {different.Observation}.");
    }

    private static List<string> Turns(AnnotatedSolution solution) =>
    [
        .. solution.Steps.Select(step => Turn(step.Thought.Length > 0 ? step.Thought : step.Expression, Calculator.Name, step.Expression)),
        Turn(solution.Conclusion.Length > 0 ? solution.Conclusion : $"The answer is {solution.Answer}.", ToolSet.Finish, solution.Answer),
    ];

    private static string Turn(string thought, string tool, string argument) => $"Thought: {thought}\nAction: {tool}[{argument}]";

    /// <summary>The first turn that either way of reading turns takes for something else; null where there is none.</summary>
    private static string? Misread(Episode episode, List<string> turns, AnnotatedSolution solution)
    {
        var said = episode.Turns.Where(turn => turn.Role == Roles.Assistant).Select(turn => turn.Content).ToArray();
        var arguments = solution.Steps.Select(step => step.Expression).Append(solution.Answer).ToArray();
        for (var i = 0; i < turns.Count; i++)
        {
            var tool = i < turns.Count - 1 ? Calculator.Name : ToolSet.Finish;
            var literal = ReferenceActions.Parse(turns[i]);
            var tolerant = TolerantActions.Parse(turns[i], [Calculator.Name, ToolSet.Finish]);
            if (i >= said.Length || said[i] != turns[i]
                || (literal.Tool, literal.Argument) != (tool, arguments[i]) || (tolerant.Tool, tolerant.Argument) != (tool, arguments[i]))
            {
                return turns[i];
            }
        }

        return null;
    }
}
