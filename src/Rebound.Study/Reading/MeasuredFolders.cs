using Rebound.Study.Results;

namespace Rebound.Study.Reading;

/// <summary>Puts evaluations and collections to the trainings whose models they tried.</summary>
internal static class MeasuredFolders
{
    public static IReadOnlyList<MeasuredRun> Of(IReadOnlyList<EpisodeFolder> episodes, IReadOnlyList<TrainedFolder> trained)
    {
        var byModel = trained.ToDictionary(run => run.Location, StringComparer.Ordinal);
        var tried = episodes.Select(folder => (Folder: folder, Run: Find(folder, byModel))).ToArray();
        return
        [
            .. tried.Select(pair => Measured(pair.Folder, pair.Run)),
            .. trained.Where(run => tried.All(pair => pair.Run != run)).Select(run => Measured(run, ArmOf(run, run.Name))),
        ];
    }

    /// <summary>The training whose folder the episodes lie in, or that they name.</summary>
    private static TrainedFolder? Find(EpisodeFolder folder, Dictionary<string, TrainedFolder> byModel)
    {
        for (var around = Path.GetDirectoryName(folder.Location); around is not null; around = Path.GetDirectoryName(around))
        {
            if (byModel.TryGetValue(around, out var trained))
            {
                return trained;
            }
        }

        return folder.Model.Length > 0
            ? byModel.GetValueOrDefault(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder.Model)))
            : null;
    }

    private static MeasuredRun Measured(EpisodeFolder folder, TrainedFolder? trained)
    {
        if (trained is null)
        {
            return new MeasuredRun(new Arm(folder.Name), folder.Name, 0) { Tasks = folder.Tasks };
        }

        var arm = ArmOf(trained, folder.Name);
        var isAskedAsUsual = folder.Condition.Length == 0 || trained.Card?.Prompt is not { } prompt || folder.Condition == prompt.Positive;
        return Measured(trained, isAskedAsUsual ? arm : arm with { Method = $"{arm.Method}, {folder.Condition}" }) with
        {
            Name = folder.Name,
            Tasks = folder.Tasks,
        };
    }

    private static MeasuredRun Measured(TrainedFolder trained, Arm arm) => new(arm, trained.Name, trained.Seed ?? 0)
    {
        Losses = trained.Losses,
        Training = trained.Costs,
    };

    /// <summary>Runs of one kind are told apart by their seeds; a run whose seed nothing tells stands for itself.</summary>
    private static Arm ArmOf(TrainedFolder trained, string name) => trained is { Arm: { } arm, Seed: not null } ? arm : new Arm(name);
}
