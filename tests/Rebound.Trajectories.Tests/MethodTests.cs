using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Tests;

/// <summary>What a method, a prompt and a loss policy make of successes and failures together.</summary>
public sealed class MethodTests : IDisposable
{
    private const string Own = """{"id": 1, "conversations": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}, """
        + """{"role": "user", "content": "o"}, {"role": "assistant", "content": "b"}], "info": {"reward": REWARD}}""";

    private readonly TemporaryFile _positive = new(Own.Replace("REWARD", "true"));
    private readonly TemporaryFile _negative = new($"{Own.Replace("REWARD", "false")}\n{Own.Replace("REWARD", "false")}");
    private readonly TemporaryFile _prompts = new(
        """{"plain": {"conversations": [], "question_prompt": "P {question}"}, "aware": {"conversations": [], "correct_question_prompt":"""
            + """ "C {question}", "incorrect_question_prompt": "I {question}"}}""");

    [Theory]
    [InlineData(null, null, "nat", "positive negative negative")]
    [InlineData(TrainingMethod.Nat, null, "nat", "positive negative negative")]
    [InlineData(TrainingMethod.Nut, null, "nut", "none none none")]
    [InlineData(TrainingMethod.Vanilla, null, "vanilla", "none")]
    [InlineData(null, "none", "nut", "none none none")]
    [InlineData(null, "math", "nat", "positive negative negative")]
    [InlineData(TrainingMethod.Nut, "math", "nut", "none none none")]
    [InlineData(null, "plain", "nut", "none none none")]
    [InlineData(null, "aware", "nat", "correct incorrect incorrect")]
    [InlineData(TrainingMethod.Nut, "aware", "nut", "none none none")]
    [InlineData(TrainingMethod.Vanilla, "aware", "vanilla", "none")]
    public async Task A_method_chooses_rows_and_conditions(TrainingMethod? method, string? prompt, string resolved, string conditions)
    {
        var data = await LoadAsync(method, prompt);
        Assert.Equal(resolved, data.PromptSetup.Method.ToString().ToLowerInvariant());
        Assert.Equal(conditions, string.Join(' ', data.Documents.Select(document => document.Condition)));
    }

    [Fact]
    public async Task Successes_alone_without_a_prompt_are_used_as_they_stand()
    {
        var data = await LoadAsync(null, null, options => options with { NegativePath = null });
        Assert.Equal((TrainingMethod.Vanilla, null), (data.PromptSetup.Method, data.PromptSetup.Prompt));
    }

    [Theory]
    [InlineData(TrainingMethod.Nat, "plain", "the prompt 'plain' has the same words for all")]
    [InlineData(TrainingMethod.Nat, "none", "a trajectory without a prompt has the same words")]
    [InlineData(null, "nowhere.yml", "neither a file nor a built-in prompt; there are outcome, math")]
    public async Task A_method_that_the_prompt_cannot_serve_is_refused(TrainingMethod? method, string prompt, string words) =>
        Assert.Contains(words, (await Assert.ThrowsAsync<ArgumentException>(() => LoadAsync(method, prompt))).Message);

    [Theory]
    [InlineData(NegativeLoss.All, 3, "ab", 0)]
    [InlineData(NegativeLoss.UntilLast, 3, "a", 0)]
    [InlineData(NegativeLoss.None, 1, "", 0)]
    public async Task A_loss_policy_concerns_failures_only(NegativeLoss policy, int documents, string learnedOfFailures, int without)
    {
        var data = await LoadAsync(null, null, options => options with { NegativeLoss = policy });
        Assert.Equal(documents, data.Documents.Count);
        Assert.Equal("ab", Learned(data.Documents[0]));
        Assert.All(data.Documents.Skip(1), document => Assert.Equal(learnedOfFailures, Learned(document)));
        Assert.Equal(without, data.FailuresWithoutLoss.Count);
    }

    [Fact]
    public async Task A_failure_of_one_step_has_nothing_before_it_and_is_counted()
    {
        using var short1 = new TemporaryFile(
            """{"id": 9, "conversations": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "info": """
                + """{"reward": false}}""");
        var data = await LoadAsync(
            null, null, options => options with { NegativePath = short1.Path, NegativeLoss = NegativeLoss.UntilLast });
        Assert.Equal((1, 0), (data.FailuresWithoutLoss.Count, data.BadRows.Count));
        Assert.Contains("id 9", data.FailuresWithoutLoss.First[0].Message);
    }

    [Fact]
    public async Task Rows_of_mixed_files_go_by_their_own_outcome_and_those_without_one_are_asked_neutrally()
    {
        var unscored = Own.Replace(""", "info": {"reward": REWARD}""", "");
        using var mixed = new TemporaryFile($"{unscored}\n{Own.Replace("REWARD", "false")}\n{Own.Replace("REWARD", "true")}");
        DatasetOptions Mixed(DatasetOptions options) =>
            options with { PositivePath = null, NegativePath = null, ScoredPaths = [mixed.Path] };
        Assert.Equal(
            ["positive", "negative", "none"], (await LoadAsync(null, null, Mixed)).Documents.Select(document => document.Condition));
        Assert.Equal(
            ["positive", "unscored"],
            (await LoadAsync(TrainingMethod.Vanilla, null, Mixed)).Documents.Select(document => document.Outcome));
    }

    [Fact]
    public async Task A_row_without_a_reward_has_its_files_outcome()
    {
        using var unscored = new TemporaryFile(Own.Replace(""", "info": {"reward": REWARD}""", ""));
        var data = await LoadAsync(null, "aware", options => options with { PositivePath = unscored.Path, NegativePath = unscored.Path });
        Assert.Equal(["correct", "incorrect"], data.Documents.Select(document => document.Condition));
    }

    public void Dispose()
    {
        _positive.Dispose();
        _negative.Dispose();
        _prompts.Dispose();
    }

    private static string Learned(TokenizedDocument document) =>
        string.Concat(document.Labels.Where(label => label is >= 'a' and <= 'z').Select(label => (char)label));

    private Task<Dataset> LoadAsync(TrainingMethod? method, string? prompt, Func<DatasetOptions, DatasetOptions>? change = null)
    {
        var options = new DatasetOptions { PositivePath = _positive.Path, NegativePath = _negative.Path, Method = method };
        options = prompt is "plain" or "aware"
            ? options with { PromptPath = _prompts.Path, Template = prompt }
            : options with { Prompt = prompt };
        return Dataset.LoadAsync(
            change?.Invoke(options) ?? options, RenderingCase.Find("bytes").Renderer, new LengthLimit(4096, ExcessLength.Error),
            TestContext.Current.CancellationToken);
    }
}
