using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Checkpoints;
using Rebound.Inference.Chat;
using Rebound.Study.Workbench;
using Rebound.Training.Checkpoints;
using Rebound.Training.Runs;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;

namespace Rebound.Study.Improvement;

/// <summary>One round: tries, what is learned from them, the model that learns it, and its evaluation.</summary>
/// <param name="rounds">The rounds so far without the start, this one last; empty for the evaluation of the model to begin with.</param>
/// <param name="folder">This round's.</param>
/// <param name="teacher">Makes the tries instead of the current model; null for none.</param>
internal sealed class ImprovementRound(
    ImprovementOptions options, ImprovedAgent agent, ImprovementHost host, CurrentModel current, IReadOnlyList<RoundFolder> rounds,
    RoundFolder folder, AgentModel? teacher)
{
    private PhaseSeconds _seconds = folder.ReadSeconds();

    private int Number => rounds.Count;

    /// <summary>Makes what is missing of the round.</summary>
    /// <exception cref="ImprovementException">No try of any round was right.</exception>
    public async Task<RoundRecord> RunAsync(CancellationToken cancellation)
    {
        if (Number == 0)
        {
            return Keep(new RoundRecord(0, await EvaluateAsync(Before(), cancellation)));
        }

        var collected = await CollectAsync(cancellation);
        var learned = await ChooseAsync(cancellation);
        if (learned.Successes == 0)
        {
            throw new ImprovementException(
                $"No try of {(Number == 1 ? "round 1" : $"rounds 1 to {Number}")} was right, of {collected.Tries:N0} in the last one "
                    + $"({string.Join(", ", collected.Causes.Select(cause => $"{cause.Value:N0} {cause.Key}"))}): nothing shows what "
                    + "would be. Easier questions, more tries, or a teacher for the first round give some.");
        }

        var trained = Train(learned, cancellation);
        var heldOut = await EvaluateAsync(current.Open(folder.ModelPath, folder.ModelName), cancellation);
        return Keep(new RoundRecord(Number, heldOut) { Collected = collected, Learned = learned, Trained = trained });
    }

    /// <summary>The model that there is before a round.</summary>
    private LocalAgentModel Before() =>
        Number < 2 ? current.Open(options.Model, name: null) : current.Open(rounds[^2].ModelPath, rounds[^2].ModelName);

    /// <summary>How a model is asked that was trained in this round or one before, or that there was at first.</summary>
    private AgentSetup Setup(AgentModel model, IReadOnlyList<TaskQuestion> questions, bool isTrained) => isTrained
        ? agent.AsTrained(model, questions, options.Condition)
        : agent.AtFirst(model, questions, options);

    private Task<CollectedTries> CollectAsync(CancellationToken cancellation) => InPhaseAsync(ImprovementPhase.Collect, async observer =>
    {
        var model = teacher ?? Before();
        var result = await AgentTrials.CollectAsync(
            model, Setup(model, agent.Questions, isTrained: Number > 1), agent.Tools, options.Collection(folder.TrajectoriesPath, Number),
            observer.Trying(Number, ImprovementPhase.Collect), cancellation);
        return CollectedTries.Of(model.Name, result.Totals);
    });

    /// <summary>The prompt is that of the model to begin with, whichever one made the tries.</summary>
    private async Task<LearnedTrajectories> ChooseAsync(CancellationToken cancellation)
    {
        using var begin = LocalAgentModel.Open(options.Model, host.Backend);
        var prompt = agent.TrainingPrompt(begin, options);
        return await new RoundTrajectories(rounds, options).WriteAsync(agent.Questions, prompt, cancellation);
    }

    private TrainedModel Train(LearnedTrajectories learned, CancellationToken cancellation) => InPhase(ImprovementPhase.Train, observer =>
    {
        var (path, name) = options.Start == TrainingStart.Base || Number == 1
            ? (options.Model, "base")
            : (rounds[^2].ModelPath, rounds[^2].ModelName);
        if (!ModelTrainer.IsTrained(folder.ModelPath))
        {
            current.Close();
        }

        // An adapter is trained on as it is.
        var lora = File.Exists(Path.Combine(path, ModelFiles.AdapterConfig)) && Number > 1 ? null : options.Lora;
        new ModelTrainer(host.Backend) { OpenAnother = host.OpenAnother, Time = host.Time }.Train(
            Run(learned), () => StartingModel.Open(path, lora), observer.Training(Number), cancellation);
        new RunFolder(folder.ModelPath).Checkpoints.Clear();
        var steps = folder.ReadSteps();
        return new TrainedModel(
            AgentCard.Find(folder.ModelPath)!.Method!, name, steps.Count, steps.Sum(step => (long)step["tokens"]!),
            (double)steps[0]["loss"]!, (double)steps[^1]["loss"]!);
    });

    private RunOptions Run(LearnedTrajectories learned) => options.Training with
    {
        OutputFolder = folder.ModelPath,
        Data = options.Training.Data with
        {
            PositivePath = folder.SuccessesPath,
            NegativePath = learned.Failures > 0 ? folder.FailuresPath : null,
            NegativeCount = options.Training.Data.NegativeCount is { } count ? Math.Min(count, learned.Failures) : null,
            QuestionPath = folder.QuestionsPath,
            Prompt = folder.PromptPath,
        },
        Task = agent.TaskPath is { } path ? Path.GetRelativePath(folder.ModelPath, path) : agent.Task.Name,
    };

    private Task<HeldOutScores> EvaluateAsync(LocalAgentModel model, CancellationToken cancellation) =>
        InPhaseAsync(ImprovementPhase.Evaluate, async observer =>
        {
            var report = await AgentTrials.EvaluateAsync(
                model, Setup(model, agent.HeldOut, isTrained: Number > 0), agent.Tools, options.Evaluation(folder.EvaluationPath),
                observer.Trying(Number, ImprovementPhase.Evaluate), cancellation);
            return HeldOutScores.Of(report.Scores[0]);
        });

    private RoundRecord Keep(RoundRecord record)
    {
        var whole = record with { Seconds = _seconds };
        folder.WriteRecord(whole);
        return whole;
    }

    private T InPhase<T>(ImprovementPhase phase, Func<IImprovementObserver, T> work) =>
        InPhaseAsync(phase, observer => Task.FromResult(work(observer))).GetAwaiter().GetResult();

    /// <summary>Does the work of a phase, and counts its time however it ends.</summary>
    private async Task<T> InPhaseAsync<T>(ImprovementPhase phase, Func<IImprovementObserver, Task<T>> work)
    {
        host.Observer.Began(Number, phase);
        var started = host.Time.GetTimestamp();
        T result;
        try
        {
            result = await work(host.Observer);
        }
        finally
        {
            _seconds = _seconds.With(phase, host.Time.GetElapsedTime(started).TotalSeconds);
            folder.WriteSeconds(_seconds);
        }

        host.Observer.Ended(Number, phase);
        return result;
    }
}
