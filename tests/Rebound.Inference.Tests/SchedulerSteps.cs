using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;

namespace Rebound.Inference.Tests;

/// <summary>Steps of a scheduler until all its sequences have ended. One that goes on without end fails its test.</summary>
internal static class SchedulerSteps
{
    private const int Most = 100_000;

    public static IEnumerable<GenerationEvent> ToEnd(this Scheduler scheduler)
    {
        for (var step = 0; scheduler.Count > 0; step++)
        {
            Assert.True(step < Most, $"{scheduler.Count} sequences have not ended after {Most:N0} steps.");
            foreach (var chosen in scheduler.Step())
            {
                yield return chosen;
            }
        }
    }
}
