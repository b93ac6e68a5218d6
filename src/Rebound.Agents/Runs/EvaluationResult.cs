using Rebound.Agents.Collection;
using Rebound.Agents.Evaluation;

namespace Rebound.Agents.Runs;

/// <summary>How an evaluation ended.</summary>
/// <param name="Report">Scores and differences; null where some questions were not answered.</param>
/// <param name="Unfinished">How the condition ended at which the evaluation had to stop; null where it is whole.</param>
public sealed record EvaluationResult(EvaluationReport? Report, CollectionResult? Unfinished);
