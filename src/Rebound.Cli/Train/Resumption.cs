using Rebound.Cli.Configuration;
using Rebound.Cli.Terminal;
using Rebound.Models;
using Rebound.Training.Checkpoints;

namespace Rebound.Cli.Train;

/// <summary>The checkpoint that a run goes on from.</summary>
internal sealed record Resumption(string Folder, TrainerState State)
{
    private static readonly string[] AboutTheRunOnly = ["resume", "output-dir", "overwrite-output-dir", "plan", "json"];

    /// <summary>Finds the checkpoint that <c>--resume</c> asks for; null to begin with the first step.</summary>
    /// <exception cref="InputException">It is not whole.</exception>
    public static Resumption? Find(string? resume, RunFolder run, CommandTerminal terminal) => resume switch
    {
        null => null,
        SavingSettings.Newest => Newest(run, terminal),
        _ => Open(resume),
    };

    /// <summary>Tokens that went through the model at once; null: the state does not say.</summary>
    public int? PackTokens => int.TryParse(State.Run.GetValueOrDefault("pack_tokens"), out var tokens) ? tokens : null;

    /// <summary>Checks that the run is still the one that the checkpoint is of.</summary>
    /// <exception cref="InputException">It is not; the message names what differs.</exception>
    public void Check(IReadOnlyDictionary<string, string> identity, IEnumerable<ResolvedOption> options)
    {
        var differences = RunIdentity.Differences(State.Run, identity);
        if (differences.Count == 0)
        {
            return;
        }

        var data = State.Run[RunIdentity.TrainingData] != identity[RunIdentity.TrainingData]
            ? RunIdentity.Differences(Compared(State.Options), Compared(options.ToDictionary(option => option.Name, option => option.Text))) is { Count: > 0 } changed
                ? $" Options that differ: {string.Join("; ", changed)}."
                : " No option that was given differs: the files themselves have changed."
            : "";
        throw new InputException(
            $"{Folder} is of another run: {string.Join("; ", differences)}.{data} Resume with what the run had, or begin a new "
            + "one in another --output-dir.");
    }

    private static Resumption? Newest(RunFolder run, CommandTerminal terminal)
    {
        var newest = run.Checkpoints.NewestWhole(damaged => terminal.Note($"Not resumed from, as it is not whole: {damaged.Message}"));
        if (newest is not null)
        {
            return new Resumption(newest, TrainerState.Read(newest));
        }

        terminal.Note($"{run.Location} holds no checkpoint to resume from: the run begins with its first step.");
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
            throw new InputException($"--resume {folder}: it is no whole checkpoint. {e.Message}", e);
        }
    }

    /// <summary>Options that may differ without changing the data.</summary>
    private static Dictionary<string, string> Compared(IReadOnlyDictionary<string, string> options) =>
        options.Where(option => !AboutTheRunOnly.Contains(option.Key)).ToDictionary();
}
