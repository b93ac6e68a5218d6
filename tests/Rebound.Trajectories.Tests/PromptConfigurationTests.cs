using System.Text.Json.Nodes;
using Rebound.Files.Rows;
using Rebound.Files.Yaml;
using Rebound.Testing;
using Rebound.Trajectories.Conditions;

namespace Rebound.Trajectories.Tests;

public sealed class PromptConfigurationTests
{
    private const string Graded = """
        name: graded
        opening:
          - {role: system, content: Be brief.}
          - {role: user, content: Ready?}
          - {role: assistant, content: "Yes."}
        question: "Q: {question} {{sic}}"
        conditions:
          refused:
            when: {cause: [refusal, step limit]}
            question: "Give up on {question}"
          best:
            when: {f1: 1, reward: true}
            prefix: "[A] "
            system: Be exact.
          middling:
            when: {f1: {from: 0.4, below: 1}}
            suffix: " [B]"
          rest:
            suffix: " [{C}]"
        positive: best
        negative: rest
        """;

    [Theory]
    [InlineData(1.0, 1.0, null, "best")]
    [InlineData(1.0, 0.9, null, "middling")]
    [InlineData(0.0, 1.0, null, "rest")]
    [InlineData(0.0, 0.4, null, "middling")]
    [InlineData(0.0, 0.39, "wrong answer", "rest")]
    [InlineData(1.0, 1.0, "Refusal", "refused")]
    [InlineData(0.0, 0.0, "step_limit", "refused")]
    public void The_first_rule_that_holds_names_the_condition(double reward, double f1, string? cause, string condition) =>
        Assert.Equal(condition, Compose(Parse(Graded), new Outcome(reward, f1, Cause: cause)).Condition);

    [Fact]
    public void A_condition_changes_question_system_text_or_what_surrounds_the_question()
    {
        var prompt = Parse(Graded);
        Assert.Equal(
            [
                new Turn("system", "Be brief.\n\nBe exact.", false), new Turn("user", "Ready?", false),
                new Turn("assistant", "Yes.", false),
                new Turn("user", "[A] Q: x {sic}", false),
            ],
            prompt.Ask("x", "best"));
        Assert.Equal("Q: x {sic} [{C}]", prompt.Ask("x", "rest")[^1].Content);
        Assert.Equal("Give up on x", prompt.Ask("x", "refused")[^1].Content);
        Assert.Equal("Q: x {sic}", prompt.Ask("x", "none")[^1].Content);
        Assert.Equal(new Turn("system", "Be brief.", false), prompt.Ask("x", "none")[0]);
    }

    [Fact]
    public void Conditions_are_found_by_role_and_by_name()
    {
        var prompt = Parse(Graded);
        Assert.Equal(["best", "rest", "none", "middling"], new[] { "positive", "negative", "none", "middling" }.Select(prompt.Find));
        Assert.Contains("it has refused, best, middling, rest, none", Assert.Throws<ArgumentException>(() => prompt.Find("worst")).Message);
        Assert.Contains("no condition 'worst'", Assert.Throws<ArgumentException>(() => prompt.Ask("x", "worst")).Message);
    }

    [Theory]
    [InlineData(Graded)]
    [InlineData("question: 'x {question}'")]
    [InlineData("conditions: {good: {when: {reward: {above: 0.5, to: 2}}, question: 'g {question}'}, bad: {question: 'b {question}'}}")]
    public void What_is_stored_with_a_model_reads_back_as_it_was(string yaml)
    {
        var prompt = Parse(yaml);
        var stored = PromptConfiguration.ToJson(prompt).ToJsonString();
        var again = PromptConfiguration.Read(JsonNode.Parse(stored), "rebound.json");
        Assert.Equal(stored, PromptConfiguration.ToJson(again).ToJsonString());
        Assert.Equal((prompt.Name, prompt.Positive, prompt.Negative), (again.Name, again.Positive, again.Negative));
        foreach (var condition in prompt.Conditions)
        {
            Assert.Equal(prompt.Ask("q", condition.Name), again.Ask("q", condition.Name));
        }

        foreach (var outcome in new[] { new Outcome(1, 1), new Outcome(0, 0.5), new Outcome(0.7, 0) })
        {
            Assert.Equal(Compose(prompt, outcome).Turns, Compose(again, outcome).Turns);
        }
    }

    [Fact]
    public void A_conversation_that_brings_its_question_has_it_worded()
    {
        var prompt = Parse(Graded);
        Turn[] turns = [new("system", "Own.", false), new("user", "rules", false), new("assistant", "ok", false), new("user", "x", false),
            new("assistant", "a", true)];
        Assert.Equal(
            [
                new Turn("system", "Own.\n\nBe brief.", false), new Turn("user", "Ready?", false), new Turn("assistant", "Yes.", false),
                new Turn("user", "rules", false),
                new Turn("assistant", "ok", false), new Turn("user", "Q: x {sic} [B]", false), new Turn("assistant", "a", true),
            ],
            prompt.Apply(turns, "middling"));
        Assert.Throws<FormatException>(() => prompt.Apply([new("assistant", "a", true)], "best"));
        var error = Assert.Throws<DataException>(() =>
            prompt.Compose(new Trajectory("7", [new("assistant", "a", true)], new Outcome(1, 1), null, 3), null, "t.json"));
        Assert.Contains("id 7 has no user turn before its first answer", error.Message);
    }

    [Fact]
    public void Without_conditions_the_neutral_words_are_used_or_those_of_the_positive_condition()
    {
        var neutral = Parse(Graded).Unconditioned();
        Assert.Equal(("none", null as string, 0), (neutral.Positive, neutral.Negative, neutral.Conditions.Count));
        Assert.Equal("Q: x {sic}", neutral.Ask("x", "none")[^1].Content);
        var positive = Parse(
            "conditions: {good: {when: {reward: true}, question: 'g {question}', suffix: ' {', system: s}, bad: {question: 'b "
                + "{question}'}}").Unconditioned();
        Assert.Equal([new Turn("system", "s", false), new Turn("user", "g x {", false)], positive.Ask("x", "none"));
        Assert.Equal("none", Compose(positive, new Outcome(null, null)).Condition);
    }

    [Theory]
    [InlineData("math")]
    [InlineData("multi-hop-qa")]
    [InlineData("yes-no-qa")]
    [InlineData("outcome")]
    public void A_built_in_prompt_has_three_wordings_and_can_be_built_upon(string name)
    {
        var prompt = BuiltInPrompts.Get(name);
        Assert.Equal((name, "positive", "negative"), (prompt.Name, prompt.Positive, prompt.Negative));
        var wordings = new[] { "positive", "negative", "none" }.Select(condition => prompt.Ask("Is it?", condition)[^1].Content).ToArray();
        Assert.Equal(3, wordings.Distinct().Count());
        Assert.All(wordings, wording => Assert.Contains("Is it?", wording));
        var other = Parse($"base: {name}\nconditions:\n  good: {{when: {{reward: 1}}, suffix: ' +'}}\n  bad: {{suffix: ' -'}}");
        Assert.Equal(("prompt", "good", wordings[2] + " +"), (other.Name, other.Positive, other.Ask("Is it?", "good")[^1].Content));
    }

    [Theory]
    [InlineData("quesiton: x", "'quesiton': is no known key here; did you mean 'question'?")]
    [InlineData("conditions: {a: {sufix: x}}", "'conditions.a.sufix': is no known key here; did you mean 'suffix'?")]
    [InlineData(
        "conditions: {a: {when: {rewrad: 1}, suffix: x}}", "'conditions.a.when.rewrad': is no known key here; did you mean 'reward'?")]
    [InlineData("conditions: {a: {when: {f1: {over: 1}}}}", "'conditions.a.when.f1.over': is no known key")]
    [InlineData("conditions: {a: {when: {f1: high}}}", "must be a number, or bounds")]
    [InlineData("conditions: {a: {when: {f1: 1e999}}}", "must be a number, or bounds")]
    [InlineData("conditions: {a: {when: {f1: {from: -1e999}}}}", "must be a number")]
    [InlineData("conditions: {a: {when: {f1: {}}}}", "has no bound")]
    [InlineData("conditions: {a: {when: {}}}", "asks for nothing")]
    [InlineData("conditions: {a: {when: {cause: []}}}", "'conditions.a.when.cause': must be the text of a cause")]
    [InlineData("conditions: {a: {suffix: 1}}", "'conditions.a.suffix': must be text, but is 1")]
    [InlineData("conditions: {a: {suffix: x}, b: {suffix: y}}", "'conditions.b': is never reached")]
    [InlineData("conditions: {none: {suffix: x}}", "choose another name")]
    [InlineData("conditions: {a: }", "has nothing that tells it")]
    [InlineData("{conditions: {a: {suffix: x}}, positive: b}", "'b' is none of the conditions: a")]
    [InlineData("opening: [{role: robot, content: x}]", "'opening[0].role': 'robot' is no known role")]
    [InlineData("opening: [{role: user}]", "'opening[0].content': is missing")]
    [InlineData("question: no place", "has no {question}")]
    [InlineData("base: maths", "is no built-in prompt; there are outcome, math")]
    [InlineData("[1]", "must be an object")]
    [InlineData("a: [", "is not valid YAML")]
    [InlineData("{question: 'x {question}', question: 'y {question}'}", "is not valid YAML")]
    public void A_mistake_in_a_configuration_is_named_with_its_key(string yaml, string words) =>
        Assert.Contains(words, Assert.Throws<DataException>(() => Parse(yaml)).Message);

    [Fact]
    public void Json_files_are_read_as_well()
    {
        using var file = new TemporaryFile("""{"question": "x {question}", "conditions": {"a": {"when": {"reward": 0.5}}, "b": {}}}""");
        var prompt = PromptConfiguration.Load(file.Path);
        Assert.Equal("a", Compose(prompt, new Outcome(0.5, null)).Condition);
        Assert.Equal("b", Compose(prompt, new Outcome(1, null)).Condition);
    }

    private static PromptTemplate Parse(string yaml) => PromptConfiguration.Read(YamlFile.Parse(yaml, "prompt.yml"), "prompt.yml");

    private static Conversation Compose(PromptTemplate prompt, Outcome outcome) =>
        prompt.Compose(new Trajectory("7", [new("assistant", "a", true)], outcome, null, Row: 4), "x", "t.json");
}
