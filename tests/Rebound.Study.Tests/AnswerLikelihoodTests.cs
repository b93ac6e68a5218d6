using Rebound.Engine;
using Rebound.Inference.Chat;
using Rebound.Models;
using Rebound.Study.Likelihood;
using Rebound.Testing;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Rendering;

namespace Rebound.Study.Tests;

public sealed class AnswerLikelihoodTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-likelihood-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Beside the logits of the whole conversation, the softmax of which is taken here in double precision.</summary>
    [Fact]
    public void It_is_the_sum_of_the_log_probabilities_of_the_agents_own_tokens()
    {
        TinyChatModel.Write(_folder);
        using var source = ModelSource.Open(_folder);
        using var backend = new CpuBackend(1);
        using var model = source.Load(backend);
        var renderer = ChatProfile.Of(source).Renderer;
        var prompt = Prompt();
        var trajectory = new Trajectory(
            "1",
            [
                new Turn(Roles.Assistant, "Action: calculate[1+1]", Loss: true), new Turn(Roles.User, "Observation: 2", Loss: false),
                new Turn(Roles.Assistant, "Action: finish[2]", Loss: true),
            ],
            new Outcome(1, null), Source: null, Row: 1);

        var found = new AnswerLikelihood(model, renderer, prompt).Of(
            [new AskedTrajectory("1 + 1?", trajectory), new AskedTrajectory("2 + 2?", trajectory)], TestContext.Current.CancellationToken)[0];

        Assert.Equal(Expected("right"), found.Positive, 4);
        Assert.Equal(Expected("wrong"), found.Negative, 4);
        Assert.Equal(Expected("none"), found.Unconditioned!.Value, 4);
        Assert.NotEqual(found.Positive, found.Negative, 4);
        Assert.Equal("Action: calculate[1+1]Action: finish[2]".Length + 2, found.Tokens);

        double Expected(string condition)
        {
            var document = renderer.Render(new Conversation("1", condition, [.. prompt.Ask("1 + 1?", condition), .. trajectory.Turns]))
                .Single();
            var logits = new float[document.Tokens.Length * model.Config.VocabularySize];
            model.Logits(new PackedBatch(document.Tokens, [0, document.Tokens.Length]), logits);
            return document.Labels.Index().Where(label => label.Index > 0 && label.Item != TokenizedDocument.IgnoreLabel).Sum(label =>
            {
                var row = logits.AsSpan((label.Index - 1) * model.Config.VocabularySize, model.Config.VocabularySize).ToArray();
                return row[label.Item] - Math.Log(row.Sum(logit => Math.Exp(logit)));
            });
        }
    }

    private PromptTemplate Prompt()
    {
        var path = Path.Combine(_folder, "prompt.yml");
        File.WriteAllText(
            path, "question: \"{question}\"\nconditions:\n  right:\n    when: {reward: true}\n    prefix: \"[good] \"\n  wrong:\n    prefix: "
                + "\"[bad] \"\n");
        return PromptConfiguration.Load(path);
    }
}
