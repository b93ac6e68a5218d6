using Rebound.Training.Evaluation;

namespace Rebound.Training.Runs;

/// <summary>Observes a training run, on the thread that trains. Every method is optional.</summary>
public interface ITrainingObserver
{
    /// <summary>Something was found on the way that is worth knowing: a sentence.</summary>
    void Note(string sentence)
    {
    }

    /// <summary>A part of the way to the first step is over.</summary>
    void Ended(RunPhase phase)
    {
    }

    /// <summary>Data and steps are known, and no weights were read yet.</summary>
    void Planned(RunPlan plan)
    {
    }

    /// <summary>The largest batch was tried.</summary>
    /// <param name="expected">How long the steps that are left take.</param>
    void Measured(StepTiming timing, TimeSpan expected)
    {
    }

    /// <summary>The starting model reads the documents, since the method compares with what it says of them.</summary>
    /// <param name="done">Tokens that it has read.</param>
    /// <param name="total">Of so many.</param>
    void ReadingBaseline(long done, long total)
    {
    }

    /// <summary>The first step is about to begin.</summary>
    /// <param name="firstStep">1 for a run that is not resumed.</param>
    /// <param name="tokensLeft">Tokens that the run is going to read.</param>
    void Began(int firstStep, long tokensLeft)
    {
    }

    /// <summary>A forward and backward pass is over.</summary>
    /// <param name="tokens">Tokens that it read.</param>
    void BatchDone(int tokens)
    {
    }

    /// <summary>The held-out loss is about to be measured.</summary>
    void Measuring()
    {
    }

    /// <summary>A step is over, and its metrics are written.</summary>
    /// <param name="heldOut">Null for a step after which nothing was measured.</param>
    /// <param name="best">The least held-out loss so far; null before the first.</param>
    void StepDone(StepReport step, HeldOutReport? heldOut, BestHeldOut? best)
    {
    }

    /// <summary>A checkpoint is whole.</summary>
    void Saved(int step, string folder)
    {
    }
}

/// <summary>The phases before a run's first step.</summary>
public enum RunPhase
{
    /// <summary>Trajectories are read and rendered.</summary>
    Data,

    /// <summary>Steps are planned.</summary>
    Plan,

    /// <summary>Weights are read.</summary>
    Weights,

    /// <summary>A GPU's kernels, which were compiled meanwhile, are there.</summary>
    Kernels,

    /// <summary>The largest batch was tried.</summary>
    LargestBatch,

    /// <summary>The starting model has read the documents.</summary>
    Baseline,

    /// <summary>The first step is done.</summary>
    FirstStep,
}
