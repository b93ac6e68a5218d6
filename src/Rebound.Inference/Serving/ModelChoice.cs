using Rebound.Trajectories.Conditions;

namespace Rebound.Inference.Serving;

/// <summary>The model that a request asks, and under which condition of its prompt.</summary>
/// <param name="Prompt">The prompt of its agent card; null to ask with the messages as they stand.</param>
/// <param name="Condition">One of the prompt's; null without a prompt.</param>
public sealed record ModelChoice(ServedModel Model, PromptTemplate? Prompt, string? Condition);
