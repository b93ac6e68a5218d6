using System.Text.Json.Nodes;
using Rebound.Agents.Collection;
using Rebound.Agents.Episodes;
using Rebound.Agents.Evaluation;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Models;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;

namespace Rebound.Study.Comparison;

/// <summary>Lets a trained student solve questions with the calculator, greedily, all of them together.</summary>
internal sealed class StudentEvaluation(StudyFolder folder, IReadOnlyList<TaskQuestion> questions, TimeProvider time)
{
    private const int Batch = 150;

    private static readonly IScorer Scorer = new MathScorer();

    private readonly ToolSet _tools = new(new CalculateTool());
    private readonly IReadOnlyList<Attempt> _attempts = Attempt.Plan(questions, [0], samples: 1);

    /// <summary>The conditions under which a student is examined, the one that it is asked with first.</summary>
    public static IReadOnlyList<string> Conditions(PromptTemplate prompt) =>
        prompt.Negative is { } negative ? [prompt.Positive, Conversation.Unconditioned, negative] : [Conversation.Unconditioned];

    /// <summary>Makes the exams that are not done yet, and reads what all came to.</summary>
    /// <param name="progress">Told after every episode how many of all exams are done.</param>
    public async Task<IReadOnlyList<ConditionScores>> EvaluateAsync(
        StudyRun run, Backend backend, Action<double> progress, CancellationToken cancellation)
    {
        using var source = ModelSource.Open(folder.StudentPath(run));
        var asked = ChatProfile.Of(source);
        var prompt = asked.Card!.Prompt!;
        using var weights = LlamaModel.Load(backend, source.Config, source.Tensors);
        using var model = new LocalChatModel(weights, source.Tokenizer, asked, Batch);
        var (scores, conditions) = (new List<ConditionScores>(), Conditions(prompt));
        foreach (var (index, condition) in conditions.Index())
        {
            using var episodes = CollectionFolder.Open(
                Path.Combine(folder.StudentPath(run), "exam", condition),
                new JsonObject { ["condition"] = condition, ["questions"] = questions.Count });
            await new Collector(episodes, new Budget(), Batch, time).RunAsync(
                _attempts,
                async (attempt, stop) =>
                {
                    var episode = await new EpisodeRunner(model, _tools, Scorer, Options, time)
                        .RunAsync(attempt.Question, prompt.Ask(attempt.Question.Question, condition), stop);
                    model.ThrowIfBroken();
                    return episode;
                },
                (_, totals) => progress((index + ((double)totals.Episodes / _attempts.Count)) / conditions.Count),
                cancellation);
            scores.Add(ConditionScores.Read(condition, episodes, _attempts, Scorer));
        }

        return scores;
    }

    private static EpisodeOptions Options { get; } =
        new() { StepLimit = 9, MaxOutputTokens = 48, Temperature = 0, Parsing = ActionParsing.Tolerant };
}
