using Rebound.Agents.Collection;

namespace Rebound.Study.Workbench;

/// <summary>A model that was to try questions does not answer.</summary>
public sealed class UnansweredException(string message) : Exception(message)
{
    internal static UnansweredException Of(CollectionResult result) => new(result.Left > 0
        ? $"{result.Left} attempts are left: {result.Stopped}"
        : $"No attempt had an answer from the model: {result.Unanswered}");
}
