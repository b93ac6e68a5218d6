using Rebound.Agents.Tools;
using Rebound.Cli.Terminal;
using Rebound.Study.Improvement;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Improve;

/// <summary>Says at the start what is going to be done.</summary>
internal static class ImprovePlan
{
    /// <param name="device">As its backend describes it.</param>
    /// <param name="deviceNote">Why it is not the GPU; null for nothing to say.</param>
    public static void Show(
        CommandContext context, ImprovementOptions options, ImprovedAgent agent, AgentModel begin, AgentModel? teacher, string device,
        string? deviceNote)
    {
        var (questions, tries) = (agent.Questions.Count, options.Temperatures.Count * options.Samples);
        if (deviceNote is not null)
        {
            context.Terminal.Note(deviceNote);
        }

        var first = teacher is null ? "" : $", those of round 1 by {teacher.Name}";
        context.Terminal.Note(
            $"{CountText.Of(options.Rounds, "round")} from {options.Model} on {device}: {CountText.Of(questions, "question")} of "
                + $"{agent.Task.Name} tried {(tries == 1 ? "once" : $"{tries} times")} each with {Tools(agent.Tools)}{first}; "
                + $"training {Method(options, agent, begin)} from "
                + $"{(options.Start == TrainingStart.Base ? "that model" : "the round before")} on "
                + $"{Scope(options.Successes)} distinct successes and {Scope(options.Failures)} failures; "
                + $"{CountText.Of(agent.HeldOut.Count, "held-out question")} at {options.EvaluationTemperature}.");
    }

    private static string Tools(ToolSet tools) => tools.All.Count > 0
        ? string.Join(", ", tools.All.Select(tool => tool.Name))
        : "no tools";

    private static string Method(ImprovementOptions options, ImprovedAgent agent, AgentModel begin) => options.Training.Data.Method?.Name()
        ?? (agent.TrainingPrompt(begin, options).Conditions.Count > 0 ? TrainingMethod.Nat : TrainingMethod.Nut).Name();

    private static string Scope(RoundScope scope) => scope == RoundScope.All ? "all" : "the newest";
}
