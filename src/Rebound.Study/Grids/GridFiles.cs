using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Grids;

/// <summary>How a study names the results of a training.</summary>
internal static class GridFiles
{
    /// <summary>A task, other for other settings.</summary>
    public static string NameOf(GridTask task) =>
        $"{string.Join('_', task.Name.Split(Path.GetInvalidFileNameChars()))}-{CellFolder.Fingerprint(task.Describe())}";

    /// <summary>The prompt with its conditions, whatever the method makes of it; null where it has none for failures.</summary>
    public static PromptTemplate? ConditionedPrompt(DatasetOptions data)
    {
        try
        {
            var setup = PromptSetup.Of(data with { Method = TrainingMethod.Nat, Conditions = null });
            return setup.Prompt is { Negative: not null } prompt ? prompt : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
