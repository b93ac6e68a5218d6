using Rebound.Checkpoints;
using Rebound.Files.Messages;
using Rebound.Models;
using Rebound.Training.Checkpoints;
using Rebound.Training.Ranks;

namespace Rebound.Training.Runs;

/// <summary>The checkpoint that a run resumes from.</summary>
public sealed record Resumption(string Folder, TrainerState State)
{
    private static readonly OptionName Name = new($"{nameof(RunOptions.Checkpoints)}.{nameof(CheckpointOptions.Resume)}");

    /// <summary>Tokens that went through the model at once; null: the state does not say.</summary>
    public int? PackTokens => int.TryParse(State.Run.GetValueOrDefault("pack_tokens"), out var tokens) ? tokens : null;

    /// <summary>
    /// Finds the checkpoint that the options ask for; null to begin with the first step. Of several ranks the first looks, and the others
    /// take what it found.
    /// </summary>
    /// <param name="note">Told of checkpoints that do not count, and that there is none.</param>
    /// <exception cref="OptionsException">The one that was named is not whole.</exception>
    internal static Resumption? Find(string? resume, RunFolder run, RankAgreement ranks, Action<string> note)
    {
        Resumption? found = null;
        var folder = ranks.FromFirst(() => (found = Look())?.Folder);
        return folder is null || ranks.IsFirst ? found : new Resumption(folder, TrainerState.Read(folder));

        Resumption? Look() => resume switch
        {
            null => null,
            CheckpointOptions.Newest => Newest(run, note),
            _ => Open(resume),
        };
    }

    /// <summary>Checks that the run is still the one that the checkpoint is of.</summary>
    /// <exception cref="OptionsException">It is not; the message names what differs.</exception>
    internal void Check(IReadOnlyDictionary<string, string> identity, RunRecord record)
    {
        var differences = RunIdentity.Differences(State.Run, identity);
        if (differences.Count > 0)
        {
            var data = State.Run[RunIdentity.TrainingData] != identity[RunIdentity.TrainingData] ? WhyDataDiffers(record) : "";
            var (output, what) = (new OptionName(nameof(RunOptions.OutputFolder)), string.Join("; ", differences));
            throw new OptionsException(
                Name.Name,
                $"{Folder} is of another run: {what}.{data} Resume with what the run had, or begin a new one in another {output}.");
        }
    }

    private string WhyDataDiffers(RunRecord record)
    {
        var changed = RunIdentity.Differences(Deciding(State.Options), Deciding(record.Options));
        return changed.Count > 0
            ? $" Options that differ: {string.Join("; ", changed)}."
            : " No option that was given differs: the files themselves have changed.";

        Dictionary<string, string> Deciding(IReadOnlyDictionary<string, string> options) =>
            options.Where(option => !record.AboutTheRunOnly.Contains(option.Key)).ToDictionary();
    }

    private static Resumption? Newest(RunFolder run, Action<string> note)
    {
        var newest = run.Checkpoints.NewestWhole(damaged => note($"Not resumed from, as it is not whole: {damaged.Message}"));
        if (newest is not null)
        {
            return new Resumption(newest, TrainerState.Read(newest));
        }

        note($"{run.Location} holds no checkpoint to resume from: the run begins with its first step.");
        return null;
    }

    private static Resumption Open(string folder)
    {
        try
        {
            CheckpointManifest.Verify(folder);
            return new Resumption(folder, TrainerState.Read(folder));
        }
        catch (CheckpointException e)
        {
            throw new OptionsException(Name.Name, $"{Name} {folder}: it is no whole checkpoint. {e.Message}", e);
        }
    }
}
