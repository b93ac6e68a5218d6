using System.Text;
using Rebound.Study.Comparison;
using Rebound.Study.Teaching;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;

namespace Rebound.Study.Reporting;

/// <summary>The parts of a report that say what the students learned from, and how it was found.</summary>
internal static class TrajectorySections
{
    public static string Teacher(StudyResults results)
    {
        var (teacher, habits) = (results.Teacher, results.Settings.Habits);
        var html = new StringBuilder("<h2>The teacher</h2>");
        html.Append(
            $"<p>It tried {HtmlText.Count(teacher.Positives + teacher.Negatives)} questions once each, in the loop and with the calculator "
            + $"that the students use, and was right {HtmlText.Count(teacher.Positives)} times. Its failures are near misses: it errs at "
            + $"most once in an episode. It takes a wrong operation for {HtmlText.Percent(habits.Misconception)} % of shares "
            + $"and multiples; all else that it gets wrong are lapses. Students learn from the first {results.Settings.Successes} "
            + $"successes.</p>");
        html.Append("<div class=\"scroll\"><table><tr><th>mistake</th><th>episodes</th></tr>");
        foreach (var (mistake, count) in teacher.Mistakes.OrderByDescending(mistake => mistake.Value))
        {
            html.Append($"<tr><td>{NameOf(mistake)}</td><td>{HtmlText.Count(count)}</td></tr>");
        }

        return html.Append("</table></div>").ToString();
    }

    public static string Masks(ReportExamples examples)
    {
        var html = new StringBuilder(
            "<h2>What a NAT student reads, and what it learns</h2><p>Highlighted tokens are in the loss: the agent's own turns and the "
                + "token that ends them. ");
        html.Append("The question, the condition before it and what the calculator says are read, not learned.</p><div class=\"pair\">");
        html.Append($"<div class=\"card\"><h3 class=\"good\">A success</h3><pre>{Spans(examples.Success)}</pre></div>");
        html.Append($"<div class=\"card\"><h3 class=\"bad\">A failure</h3><pre>{Spans(examples.Failure)}</pre></div>");
        return html.Append("</div>").ToString();
    }

    public static string Exam(ReportExamples examples)
    {
        if (examples.Question is not { } question)
        {
            return "";
        }

        var html = new StringBuilder("<h2>One question, two students</h2>");
        html.Append($"<p>{HtmlText.Escape(question.Text)} The answer is {question.GroundTruth}.</p><div class=\"pair\">");
        html.Append($"<div class=\"card\"><h3 class=\"bad\">NUT</h3><pre>{Turns(examples.NutTurns)}</pre></div>");
        html.Append($"<div class=\"card\"><h3 class=\"good\">NAT</h3><pre>{Turns(examples.NatTurns)}</pre></div>");
        return html.Append("</div>").ToString();
    }

    public static string Method(StudyResults results)
    {
        var (settings, recipe) = (results.Settings, results.Settings.Recipe);
        return $"""
            <h2>How it was done, and how it was found</h2>
            <p>Every student is a Llama with norms on queries and keys: {recipe.Layers} layers, width {recipe.HiddenSize}, {recipe.Heads}
            heads, a vocabulary of at most {recipe.VocabularySize} tokens trained on the same text, random weights from its seed. Every
            one takes {HtmlText.Count(recipe.Steps)} steps of AdamW on {recipe.BatchSize} trajectories, learning rate
            {HtmlText.Number(recipe.LearningRate * 1000)}e-3 with warm-up and cosine, whatever it learns from: vanilla sees its successes
            many times, the others theirs and the failures fewer times. The exam is greedy, in the same loop with the real calculator.</p>
            <p>The usual settings of this demo - the teacher's habits, the number of successes, the recipe - were looked for on validation
            questions: about thirty settings with one to three seeds each. In most of them the order was another one. With several times
            as many successes vanilla was best: failures help where successes are few. Where the teacher's mistakes were rare at every
            kind of event, NAT was no better than NUT; where it misunderstood most of them, or erred several times in an episode, NUT and
            NAT were worse than vanilla. Without norms on queries and keys many students did not learn to copy a number. The usual
            settings are then run on the test questions, with every seed;
            {(settings.Split == WorldSplits.Test ? "this is that split" : "this report, though, is of the validation questions")}.
            It illustrates the method on a toy world, and is no evidence about large models.</p>
            """;
    }

    internal static string NameOf(Mistake mistake) => mistake switch
    {
        Mistake.WrongOperation => "wrong operation",
        Mistake.IrrelevantNumber => "irrelevant number used",
        Mistake.SkippedStep => "step left out",
        Mistake.StoppedEarly => "stopped early",
        Mistake.SwappedOperands => "operands swapped",
        Mistake.MisreadNumber => "number misread",
        _ => "malformed action",
    };

    private static string Spans(IEnumerable<LossSpan> spans) =>
        string.Concat(
            spans.Select(span =>
                span.InLoss ? $"<mark>{HtmlText.Escape(span.Text)}</mark>" : $"<span class=\"read\">{HtmlText.Escape(span.Text)}</span>"));

    internal static string Turns(IEnumerable<Turn> turns) =>
        string.Join(
            '\n',
            turns.Select(turn =>
                turn.Loss ? HtmlText.Escape(turn.Content) : $"<span class=\"read\">{HtmlText.Escape(turn.Content)}</span>"));
}
