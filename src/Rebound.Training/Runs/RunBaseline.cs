using Rebound.Models;
using Rebound.Training.Checkpoints;
using Rebound.Training.Methods;

namespace Rebound.Training.Runs;

/// <summary>
/// The losses that a run's method compares with: computed once, with the model that training starts from, and kept beside the run.
/// </summary>
/// <param name="identity">The settings that determine the run's result.</param>
internal sealed class RunBaseline(RunPlan plan, RunFolder folder, IReadOnlyDictionary<string, string> identity, RunHost host)
{
    private static readonly string[] Deciding =
        ["model", RunIdentity.TrainingData, "method", RunIdentity.MethodData, "dtype", "seed", "max_steps"];

    private readonly bool[] _read = plan.Steps.ReadDocuments();

    private readonly string _fingerprint =
        string.Join("; ", Deciding.Where(identity.ContainsKey).Select(name => $"{name} {identity[name]}"));

    /// <summary>Finds those that were kept beside the run, or beside the checkpoint that it goes on from.</summary>
    public Baseline? Find() => Places().Select(path => BaselineFile.Find(path, plan.Data.Learning, _read, _fingerprint))
        .FirstOrDefault(baseline => baseline is not null);

    /// <param name="start">The model that training starts from.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public Baseline Compute(LlamaModel start, CancellationToken stop)
    {
        var (done, total) = (0L, plan.BaselineTokens);
        var baseline = Baseline.Compute(plan.Data.Learning, _read, start, plan.Training.PackTokens, host.Ranks, Report, stop);
        host.Observer.Ended(RunPhase.Baseline);
        return baseline;

        void Report(int tokens) => host.Observer.ReadingBaseline(done += tokens, total);
    }

    /// <exception cref="IOException">The disk refuses.</exception>
    public void Keep(Baseline baseline) => BaselineFile.Write(folder.BaselinePath, baseline, _fingerprint);

    private IEnumerable<string> Places()
    {
        yield return folder.BaselinePath;
        if (plan.Resumption is { } resumption && Path.GetDirectoryName(Path.GetFullPath(resumption.Folder)) is { } beside)
        {
            yield return Path.Combine(beside, BaselineFile.FileName);
        }
    }
}
