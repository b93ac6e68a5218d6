using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Episodes;
using Rebound.Agents.Models;
using Rebound.Agents.Scoring;
using Rebound.Agents.Solutions;
using Rebound.Agents.Tasks;
using Rebound.Agents.Tools;
using Rebound.Inference.Chat;
using Rebound.Jinja;
using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Rendering;

namespace Rebound.Inference.Tests;

public sealed class SolutionTokensTests
{
    private const string Text = "Ann has 3*4 = <<3*4=12>>12 pens.\nOf these 12/5 = <<12/5=2.4>>2.4 are red\nSo 2.4+1 = $<<2.4+1=3.4>>3.4 "
        + "is paid.\n#### 3.4";

    private static readonly TaskQuestion Question = new(JsonValue.Create(5), "How much is paid?", JsonValue.Create(Text));

    [Fact]
    public async Task A_model_is_asked_with_the_tokens_that_solutions_train_it_on()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var renderer = Renderers.Create(
            ChatTemplateRenderer.RendererName,
            Tokenizer.Parse(ByteTokenizer.Json()),
            new ChatTemplateText(ByteTokenizer.ChatTemplate),
            ByteTokenizer.TurnStart,
            ByteTokenizer.TurnEnd);
        var asked = new ChatProfile(null, renderer, []);
        var prompt = BuiltInPrompts.Get("math");
        var trajectory =
            (await new SolutionTeacher(new MathScorer(), 7, TimeProvider.System).PlayAsync(Question, cancellation)).ToTrajectory();
        var document = Assert.Single(renderer.Render(prompt.Compose(trajectory, Question.Question, "solutions.json")));

        // An episode of an agent that says what the solution says, asked as an evaluation asks.
        var answers = trajectory.Turns.Where(turn => turn.Loss).Select(turn => turn.Content).ToArray();
        var feeds = new List<int[]>();
        using var model = new ScriptedModel(messages =>
        {
            feeds.Add(asked.Encode([.. messages.SelectMany(ChatMessages.ToTurns)]));
            return answers[feeds.Count - 1];
        });
        var runner = new EpisodeRunner(
            model, new ToolSet(new CalculateTool()), new MathScorer(), new EpisodeOptions(), TimeProvider.System);
        var episode = await runner.RunAsync(Question, prompt.Ask(Question.Question, prompt.Positive), cancellation);

        Assert.Equal(trajectory.Turns, episode.Turns);
        Assert.Equal(4, feeds.Count);
        foreach (var feed in feeds)
        {
            Assert.Equal(feed, document.Tokens[..feed.Length]);
            Assert.Equal(TokenizedDocument.IgnoreLabel, document.Labels[feed.Length - 1]);
            Assert.NotEqual(TokenizedDocument.IgnoreLabel, document.Labels[feed.Length]);
        }
    }
}
