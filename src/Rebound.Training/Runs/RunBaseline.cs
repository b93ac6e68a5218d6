using Rebound.Files;
using Rebound.Models;
using Rebound.Training.Checkpoints;
using Rebound.Training.Methods;

namespace Rebound.Training.Runs;

/// <summary>
/// The losses that a run's method compares with: computed once, with the model that training starts from, and kept beside the run, in a
/// file that all ranks map.
/// </summary>
/// <param name="identity">The settings that determine the run's result.</param>
internal sealed class RunBaseline(RunPlan plan, RunFolder folder, IReadOnlyDictionary<string, string> identity, RunHost host)
{
    private static readonly string[] Deciding =
        ["model", RunIdentity.TrainingData, "method", RunIdentity.MethodData, "dtype", "seed", "max_steps"];

    private readonly bool[] _read = plan.Steps.ReadDocuments();

    private readonly string _fingerprint =
        string.Join("; ", Deciding.Where(identity.ContainsKey).Select(name => $"{name} {identity[name]}"));

    /// <summary>
    /// Whether they were kept beside the run, or beside the checkpoint that it goes on from. Rank 0 looks for all: a folder of several
    /// hosts may say for a while that a file is not there to who asked before it was.
    /// </summary>
    /// <exception cref="IOException">They cannot be copied to the run.</exception>
    public bool AreKept() => host.Agreement.Any(host.Agreement.IsFirst && Places().Any(IsKeptIn));

    /// <summary>Computes and keeps them.</summary>
    /// <param name="start">The model that training starts from.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public void Compute(LlamaModel start, CancellationToken stop)
    {
        var (done, total) = (0L, plan.BaselineTokens);
        if (host.Agreement.IsFirst)
        {
            BaselineFile.Write(folder.BaselinePath, plan.Data.Learning, _read, _fingerprint, Read);
        }
        else
        {
            Read((_, _) => { }, (_, _) => { });
        }

        host.Observer.Ended(RunPhase.Baseline);

        void Read(TakeLosses document, TakeLosses mismatched) => Baseline.Read(
            plan.Data.Learning, _read, start, plan.Training.PackTokens, host.Ranks, document, mismatched,
            tokens => host.Observer.ReadingBaseline(done += tokens, total), stop);
    }

    /// <summary>Maps them, when rank 0 has kept them.</summary>
    /// <exception cref="IOException">They are not there.</exception>
    public BaselineFile Open()
    {
        host.Ranks?.Barrier();
        return Find(folder.BaselinePath)
            ?? throw new IOException($"{folder.BaselinePath} cannot be read again: every rank needs the run's folder on one disk.");
    }

    private BaselineFile? Find(string path) => BaselineFile.Find(path, plan.Data.Learning, _read, _fingerprint);

    private bool IsKeptIn(string path)
    {
        using var found = Find(path);
        if (found is not null && path != folder.BaselinePath)
        {
            WholeFile.Copy(path, folder.BaselinePath);
        }

        return found is not null;
    }

    private IEnumerable<string> Places()
    {
        yield return folder.BaselinePath;
        if (plan.Resumption is { } resumption && Path.GetDirectoryName(Path.GetFullPath(resumption.Folder)) is { } beside)
        {
            yield return Path.Combine(beside, BaselineFile.FileName);
        }
    }
}
