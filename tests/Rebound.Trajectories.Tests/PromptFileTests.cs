using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories.Conditions;

namespace Rebound.Trajectories.Tests;

public sealed class PromptFileTests
{
    private const string Prompts = """
        {
          "plain": {"conversations": [{"role": "user", "content": "rules"}, {"role": "assistant", "content": "yes"}],
            "question_prompt": "Q: {question} {{x}}"},
          "aware": {"conversations": [], "correct_question_prompt": "right {question}", "incorrect_question_prompt": "wrong {question}"},
          "aware-soft": {"conversations": [], "correct_question_prompt": "right {question}",
            "incorrect_question_prompt": "wrong {question}"},
          "three": {"conversations": [],
            "class_1_question_prompt": "1 {question}", "class_2_question_prompt": "2 {question}",
            "class_3_question_prompt": "3 {question}"},
          "four": {"conversations": [],
            "class_1_question_prompt": "1 {question}", "class_2_question_prompt": "2 {question}", "class_3_question_prompt": "3 {question}",
            "class_4_question_prompt": "4 {question}"},
          "turns only": [{"role": "user", "content": "x"}],
          "no place": {"conversations": [], "question_prompt": "Q"},
          "brace": {"conversations": [], "question_prompt": "{question} {answer}"},
          "half": {"conversations": [], "correct_question_prompt": "{question}"},
          "typo": {"conversation": [], "question_prompt": "{question}"}
        }
        """;

    [Fact]
    public void The_question_follows_the_opening_and_the_trajectory_follows_the_question()
    {
        var turns = Compose("plain", reward: 1, f1: null, new Turn("assistant", "Action: finish[2]", true)).Turns;
        Assert.Equal(
            [
                new Turn("user", "rules", false), new Turn("assistant", "yes", false),
                new Turn("user", "Q: {question}? {x}", false), new Turn("assistant", "Action: finish[2]", true),
            ],
            turns);
    }

    [Theory]
    [InlineData("plain", 0.0, null, "none")]
    [InlineData("aware", 1.0, null, "correct")]
    [InlineData("aware", 0.5, null, "correct")]
    [InlineData("aware", 0.0, 1.0, "incorrect")]
    [InlineData("aware-soft", 0.0, 0.21, "correct")]
    [InlineData("aware-soft", 1.0, 0.2, "incorrect")]
    [InlineData("three", null, 0.0, "class_1")]
    [InlineData("three", null, 0.999, "class_2")]
    [InlineData("three", null, 1.0, "class_3")]
    [InlineData("four", null, 0.0, "class_1")]
    [InlineData("four", null, 0.39, "class_2")]
    [InlineData("four", null, 0.4, "class_3")]
    [InlineData("four", null, 1.0, "class_4")]
    public void The_outcome_chooses_the_condition(string template, double? reward, double? f1, string condition) =>
        Assert.Equal(condition, Compose(template, reward, f1).Condition);

    [Theory]
    [InlineData("aware", null, 1.0, "info.reward")]
    [InlineData("aware-soft", 1.0, null, "info.f1")]
    [InlineData("three", 1.0, 1.5, "info.f1")]
    [InlineData("four", 1.0, double.NaN, "info.f1")]
    public void An_outcome_that_tells_no_condition_is_an_error_of_its_row(string template, double? reward, double? f1, string field)
    {
        var error = Assert.Throws<DataException>(() => Compose(template, reward, f1));
        Assert.Equal(("t.json", 4, field), (error.File, error.Row!.Value, error.Field!));
    }

    [Theory]
    [InlineData("absent", "no template 'absent'; it has plain, aware, aware-soft, three, four, no place, brace, half, typo")]
    [InlineData("turns only", "no question prompt")]
    [InlineData("no place", "no {question}")]
    [InlineData("brace", "'{' at character 11")]
    [InlineData("half", "conditions correct;")]
    [InlineData("typo", "typo.conversation")]
    public void A_template_that_cannot_be_used_says_why(string template, string words)
    {
        using var file = new TemporaryFile(Prompts);
        Assert.Contains(words, Assert.Throws<DataException>(() => PromptFile.Load(file.Path, template)).Message);
    }

    [Theory]
    [InlineData("nowhere.json", "cannot be read")]
    [InlineData(null, "not valid JSON")]
    public void A_file_that_is_no_prompt_file_says_so(string? path, string words)
    {
        using var file = new TemporaryFile("{");
        Assert.Contains(words, Assert.Throws<DataException>(() => PromptFile.Load(path ?? file.Path, "x")).Message);
    }

    private static Conversation Compose(string template, double? reward, double? f1, params Turn[] turns)
    {
        using var file = new TemporaryFile(Prompts);
        var trajectory = new Trajectory("7", turns, new Outcome(reward, f1), null, Row: 4);
        return PromptFile.Load(file.Path, template).Compose(trajectory, "{question}?", "t.json");
    }
}
