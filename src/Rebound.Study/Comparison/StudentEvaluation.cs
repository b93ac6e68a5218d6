using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Evaluation;
using Rebound.Agents.Runs;
using Rebound.Agents.Tasks;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Study.Workbench;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;

namespace Rebound.Study.Comparison;

/// <summary>Lets a trained student solve questions with the calculator, greedily, all of them together.</summary>
internal sealed class StudentEvaluation(StudyFolder folder, IReadOnlyList<TaskQuestion> questions)
{
    private const int Batch = 150;

    /// <summary>The conditions under which a student is examined, the one that it is asked with first.</summary>
    public static IReadOnlyList<string> Conditions(PromptTemplate prompt) =>
        prompt.Negative is { } negative ? [prompt.Positive, Conversation.Unconditioned, negative] : [Conversation.Unconditioned];

    /// <summary>Makes the exams that are not done yet, and reads what all came to.</summary>
    /// <param name="progress">Told after every episode how many of all exams are done.</param>
    public async Task<IReadOnlyList<ConditionScores>> EvaluateAsync(
        StudyRun run, Backend backend, Action<double> progress, CancellationToken cancellation)
    {
        using var model = LocalAgentModel.Open(folder.StudentPath(run), backend, run.Name);
        var conditions = Conditions(model.Card!.Prompt!);
        var setup = AgentSetup.Of(TaskRegistry.Open(folder.TaskPath), questions, model, Episodes, conditions[0]);
        using var tools = TaskTools.Open(setup.Task);
        var exam = new EvaluationOptions
        {
            OutputFolder = folder.ExamPath(run),
            Conditions = conditions,
            Temperature = 0,
            Concurrency = Batch,
        };
        var report = await AgentTrials.EvaluateAsync(
            model, setup, tools.Tools, exam, new Progress(questions.Count * conditions.Count, progress), cancellation);
        return report.Scores;
    }

    private static EpisodeOptions Episodes { get; } = new() { StepLimit = 9, MaxOutputTokens = 48, Parsing = ActionParsing.Tolerant };

    private sealed class Progress(int episodes, Action<double> share) : IEpisodesObserver
    {
        private int _before;
        private int _done;

        public void Progressed(int done, CollectionTotals totals)
        {
            _done = done;
            share((double)(_before + done) / episodes);
        }

        public void Ended() => (_before, _done) = (_before + _done, 0);
    }
}
