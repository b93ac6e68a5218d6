using System.Runtime.CompilerServices;
using Rebound.Files.Messages;
using Rebound.Training.Documents;
using Rebound.Training.Methods;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests.Methods;

public sealed class LearningSetTests
{
    private const int Not = TokenizedDocument.IgnoreLabel;

    private int _row;

    [Fact]
    public void Dpo_pairs_tries_of_one_question_and_tells_what_has_no_partner()
    {
        var data = Build(
            TrainingMethod.Dpo,
            Try("a", Outcome.Positive, 1), Try("a", Outcome.Negative, 2), Try("a", Outcome.Negative, 3), Try("a", Outcome.Negative, 4),
            Try("b", Outcome.Positive, 5), Try("c", Outcome.Negative, 6), Try("c", Outcome.Unscored, 7));

        Assert.Equal([[0, 1], [0, 2], [0, 3]], data.Units.Select(unit => unit.Documents));
        Assert.Equal(4, data.Documents.Count);
        Assert.Equal(
            [
                new LeftOut(1, "trajectories that were not scored"), new LeftOut(1, "successes whose question has no failure"),
                new LeftOut(1, "failures whose question has no success"),
            ],
            data.LeftOut);
    }

    [Fact]
    public void A_step_pair_learns_the_first_answer_that_differs()
    {
        // Two answers each, the first of which is the same.
        var success = Document("a", Outcome.Positive, [1, 2, 3, 4, 5, 6, 7], [Not, 2, 3, Not, 5, 6, 7]);
        var failure = Document("a", Outcome.Negative, [1, 2, 3, 4, 5, 9, 8], [Not, 2, 3, Not, 5, 9, Not]);
        var data = LearningSet.Of([success, failure], TrainingMethod.Dpo, new MethodOptions { Pairs = PairScope.Step }, seed: 1);

        Assert.Equal([Not, Not, Not, Not, 5, 6, 7], data.Documents[0].Document.Labels);
        Assert.Equal([Not, Not, Not, Not, 5, 9, Not], data.Documents[1].Document.Labels);
        Assert.Equal(3, data.Documents[0].SupervisedTokens);
        Assert.Equal([0, 1], Assert.Single(data.Units).Documents);
    }

    [Fact]
    public void A_pair_without_a_difference_is_left_out()
    {
        var refusal = Assert.Throws<OptionsException>(() => Build(TrainingMethod.Dpo, Try("a", Outcome.Positive, 3), Try("a", Outcome.Negative, 3)));

        Assert.Equal(
            "The method dpo needs a success and a failure of the same question. There are 1 successes, 1 failures and 0 trajectories "
            + "without an outcome, of 1 questions.",
            refusal.Message);
    }

    [Theory]
    [InlineData(TrainingMethod.Nft)]
    [InlineData(TrainingMethod.Grpo)]
    public void Groups_grade_a_try_among_those_of_its_question(TrainingMethod method)
    {
        var data = Build(
            method,
            Try("a", Outcome.Positive, 1), Try("a", Outcome.Negative, 2), Try("a", Outcome.Negative, 3), Try("a", Outcome.Negative, 4),
            Try("b", Outcome.Positive, 5), Try("b", Outcome.Positive, 6));

        Assert.Equal(4, data.Documents.Count);
        Assert.All(data.Documents, document => Assert.Equal(0.25, document.SuccessRate));
        Assert.Equal([1.5, -0.5, -0.5, -0.5], data.Documents.Select(document => Math.Round(document.Advantage, 12)));
        Assert.Equal([new LeftOut(2, "tries at questions whose tries all ended alike")], data.LeftOut);
    }

    [Fact]
    public void Kto_puts_another_questions_answer_after_each_prompt()
    {
        var tries = Enumerable.Range(0, 6)
            .Select(i => Try($"question {i / 2}", i % 2 == 0 ? Outcome.Positive : Outcome.Negative, 10 + i)).ToArray();
        var data = Build(TrainingMethod.Kto, tries);

        for (var i = 0; i < tries.Length; i++)
        {
            var mismatched = data.Documents[i].Mismatched!;
            Assert.Equal(tries[i].Tokens[..2], mismatched.Tokens[..2]);
            var answer = mismatched.Tokens[2];
            Assert.NotEqual(tries[i].Question, tries.Single(other => other.Tokens[2] == answer).Question);
            Assert.Equal([Not, Not, answer, 1], mismatched.Labels);
        }
    }

    [Theory]
    [InlineData(TrainingMethod.Kto)]
    [InlineData(TrainingMethod.ApoZero)]
    public void A_method_of_both_outcomes_refuses_one_alone(TrainingMethod method) =>
        Assert.Contains("needs successes and failures. There are 1 successes, 0 failures",
            Assert.Throws<OptionsException>(() => Build(method, Try("a", Outcome.Positive, 1))).Message);

    [Fact]
    public void Rows_that_weigh_nothing_are_left_out()
    {
        var data = Build(
            TrainingMethod.Nut, Try("a", Outcome.Positive, 1) with { Weight = 0 }, Try("b", Outcome.Positive, 2) with { Weight = 0.5 });

        Assert.Equal(0.5, Assert.Single(data.Documents).Weight);
        Assert.False(data.IsPlain);
        Assert.Equal([new LeftOut(1, "trajectories that weigh 0")], data.LeftOut);
    }

    [Theory]
    [InlineData(TrainingMethod.Nat, PairScope.Trajectory)]
    [InlineData(TrainingMethod.Dpo, PairScope.Trajectory)]
    [InlineData(TrainingMethod.Dpo, PairScope.Step)]
    [InlineData(TrainingMethod.Kto, PairScope.Trajectory)]
    [InlineData(TrainingMethod.ApoZero, PairScope.Trajectory)]
    [InlineData(TrainingMethod.Nft, PairScope.Trajectory)]
    [InlineData(TrainingMethod.Grpo, PairScope.Trajectory)]
    public void No_method_holds_documents_of_its_data(TrainingMethod method, PairScope pairs)
    {
        var made = new List<WeakReference>();
        var (data, read) = Used(method, pairs, made);

        GC.Collect();

        Assert.Equal(8, read);
        Assert.True(made.Count > read);
        Assert.DoesNotContain(made, document => document.IsAlive);
        GC.KeepAlive(data);
    }

    /// <summary>A set of documents that are made whenever they are asked for, all of which have been read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (LearningSet Data, int Read) Used(TrainingMethod method, PairScope pairs, List<WeakReference> made)
    {
        var documents = new ListView<TokenizedDocument>(8, place =>
        {
            var outcome = place % 2 == 0 ? Outcome.Positive : Outcome.Negative;
            var document = new TokenizedDocument($"{place / 4}", "none", [1, 2, place, 3], [Not, Not, place, 3])
            {
                Outcome = outcome,
                Row = place + 1,
            };
            made.Add(new WeakReference(document));
            return document;
        });
        var data = LearningSet.Of(documents, method, new MethodOptions { Pairs = pairs }, seed: 1);
        return (data, data.Units.SelectMany(unit => unit.Documents).Select(document => data.Documents[document].Document.Id).Count());
    }

    private static LearningSet Build(TrainingMethod method, params TokenizedDocument[] documents) =>
        LearningSet.Of(documents, method, new MethodOptions(), seed: 1);

    /// <summary>A prompt of two tokens, and an answer of two.</summary>
    private TokenizedDocument Try(string question, string outcome, int answer) =>
        Document(question, outcome, [question[^1], 2, answer, 1], [Not, Not, answer, 1]);

    private TokenizedDocument Document(string question, string outcome, int[] tokens, int[] labels) =>
        new(question, "none", tokens, labels) { Outcome = outcome, Question = question, Row = ++_row };
}
