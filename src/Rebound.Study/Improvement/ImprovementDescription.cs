using System.Text.Json.Nodes;
using Rebound.Agents.Tasks;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Study.Workbench;
using Rebound.Training.Runs;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;

namespace Rebound.Study.Improvement;

/// <summary>
/// Everything that decides what the rounds of an improvement come to, but for how many there are, so that there may be more of them.
/// </summary>
internal static class ImprovementDescription
{
    public static JsonObject Of(ImprovementOptions options, ImprovedAgent agent, AgentModel? teacher, Backend backend)
    {
        using var start = StartingModel.Open(options.Model, options.Lora);
        using var model = LocalAgentModel.Open(options.Model, backend);
        var description = agent.AtFirst(model, agent.Questions, options).Describe();
        description["training_prompt"] = PromptConfiguration.ToJson(agent.TrainingPrompt(model, options));
        description["held_out"] = QuestionLoader.Fingerprint(agent.HeldOut);
        description["tools"] = string.Join(", ", agent.Tools.ActionNames);
        description["teacher"] = teacher?.Name;
        description["temperatures"] = string.Join(", ", options.Temperatures);
        description["samples"] = options.Samples;
        description["evaluation_temperature"] = options.EvaluationTemperature;
        description["seed"] = options.Seed;
        description["start"] = options.Start.ToString();
        description["successes"] = options.Successes.ToString();
        description["failures"] = options.Failures.ToString();
        description["duplicates"] = options.Duplicates.ToString();
        foreach (var (key, value) in TrainingDescription.Of(options.Training, start, backend))
        {
            description[key] = value?.DeepClone();
        }

        return description;
    }
}
