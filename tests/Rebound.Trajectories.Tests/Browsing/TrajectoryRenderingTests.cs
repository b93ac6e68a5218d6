using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories.Browsing;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Tests.Browsing;

public sealed class TrajectoryRenderingTests
{
    private const string Template = "zero-shot-target-aware";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trajectory_is_rendered_as_training_renders_it_and_under_a_condition_as_that_of_its_outcome()
    {
        var negatives = SharedData.Path("data/strategyqa/negative.json");
        var questions = SharedData.Path("data/strategyqa/train.jsonl");
        var prompts = SharedData.Path("data/prompts/StrategyQA_conversation.json");
        var renderer = new Llama2Renderer(Tokenizer.Load(SharedData.Path("tokenizers/llama2/tokenizer.json")));
        var trained = await Dataset.LoadAsync(
            new DatasetOptions
            {
                ScoredPaths = [negatives],
                QuestionPath = questions,
                PromptPath = prompts,
                Template = Template,
                Only = (_, trajectory) => trajectory.Row <= 5,
            },
            renderer, new LengthLimit(4096, ExcessLength.Truncate), Cancelled);
        var asked = await QuestionFile.ReadAsync(questions, cancellation: Cancelled);
        var prompt = PromptFile.Load(prompts, Template);
        var rendering = new TrajectoryRendering(renderer, prompt);

        var shown = await TrajectoryFile.ReadAsync(negatives, cancellation: Cancelled).Take(5).ToListAsync(Cancelled);

        Assert.Equal(["correct", "incorrect"], rendering.Conditions);
        foreach (var (trajectory, document) in shown.Zip(trained.Documents))
        {
            foreach (var condition in (string?[])[null, prompt.Negative])
            {
                var own = Assert.Single(rendering.Render(trajectory, condition, asked.Find(trajectory.Id), "negative.json"));
                Assert.Equal((document.Tokens, document.Labels), (own.Tokens, own.Labels), Same);
            }

            var other = Assert.Single(rendering.Render(trajectory, prompt.Positive, asked.Find(trajectory.Id), "negative.json"));
            Assert.NotEqual(document.Tokens, other.Tokens);
            Assert.Equal(document.SupervisedTokens, other.SupervisedTokens);
        }
    }

    private static bool Same((int[] Tokens, int[] Labels) one, (int[] Tokens, int[] Labels) other) =>
        one.Tokens.SequenceEqual(other.Tokens) && one.Labels.SequenceEqual(other.Labels);
}
