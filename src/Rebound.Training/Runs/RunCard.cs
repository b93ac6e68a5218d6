using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Runs;

/// <summary>Makes the agent card of a model that learns from a run's data.</summary>
internal static class RunCard
{
    /// <param name="baseModel">The model that training starts from.</param>
    public static AgentCard Of(string? task, string baseModel, RunData data, int steps, double epochs)
    {
        var (dataset, renderer) = (data.Rendered.Dataset, data.Rendered.Renderer);
        return new AgentCard
        {
            Task = task,
            BaseModel = baseModel,
            Method = dataset.PromptSetup.MethodName,
            Prompt = AskedPrompt(dataset),
            ToolFormat = dataset.Agent.Format?.Name(),
            Tools = dataset.Agent.Schemas,
            Renderer = renderer.Name,
            Reasoning = renderer.Reasoning,
            StopToken = renderer.StopToken,
            TrainedOn = OutcomeCount.Of(data.Training),
            Steps = steps,
            Epochs = epochs,
        };
    }

    /// <summary>The prompt that the model learned with, opened by the system turn that all its conversations have.</summary>
    private static PromptTemplate? AskedPrompt(Dataset dataset) => (dataset.PromptSetup.Prompt, dataset.Agent.System) switch
    {
        (var prompt, null) => prompt,
        (null, { } system) => PromptTemplate.OfSystem(system),
        ({ } prompt, { } system) => prompt.OpenedBy(system),
    };
}
