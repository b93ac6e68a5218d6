using Rebound.Cli.Terminal;
using Rebound.Files.Rows;
using Rebound.Training.Documents;
using Rebound.Training.Methods;
using Rebound.Trajectories;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Data;

/// <summary>Summarizes the documents of a data set as lines of a plan.</summary>
internal static class DataSummary
{
    public static string Heading { get; } =
        $"Data      {"outcome",-8} {"condition",-9} {"trajectories",12} {"documents",9} {"tokens",10} {"learned",10} {"share",5}";

    public static string Row(OutcomeCount count) =>
        $"          {count.Outcome,-8} {count.Condition,-9} {count.Trajectories,12:N0} {count.Documents,9:N0} {count.Tokens,10:N0} "
        + $"{count.SupervisedTokens,10:N0} {Share(count.SupervisedTokens, count.Tokens),5}";

    public static string Method(RenderedData data)
    {
        var prompts = data.Dataset.PromptSetup;
        var reasoning = data.Renderer.Reasoning is null ? "" : $" with reasoning {ReasoningModes.Name(data.Renderer.Reasoning)}";
        return $"Method    {prompts.MethodName}, "
            + (prompts.Prompt is { } prompt ? $"asked with the prompt '{prompt.Name}', " : "trajectories as they stand, ")
            + $"rendered by {data.Renderer.Name}{reasoning}";
    }

    /// <summary>The numbers of a method, what it pairs, and what it leaves out; a line each, none for a method without any.</summary>
    public static IEnumerable<string> Learning(LearningSet data)
    {
        var numbers = MethodText.Numbers(data.Method, data.Options).Select(number => $"{MethodText.Words(number.Name)} {number.Value}");
        if (data.Method == TrainingMethod.Dpo)
        {
            yield return $"          {CountText.Of(data.Units.Count, "pair")} of a success and a failure; {string.Join(", ", numbers)}";
        }
        else if (numbers.Any())
        {
            yield return $"          {string.Join(", ", numbers)}";
        }

        foreach (var (count, what) in data.LeftOut)
        {
            yield return $"          {count:N0} {what} were left out";
        }

        var weighted = data.Documents.Count(document => document.Weight != 1);
        if (weighted > 0)
        {
            yield return $"          {CountText.Of(weighted, "document")} with a weight of their own";
        }

        if (data.Baseline == BaselineKind.Sampling)
        {
            var kept = data.Documents.Count(document => document.Document.LogProbabilities is not null);
            yield return $"          {kept:N0} of {CountText.Of(data.Documents.Count, "document")} with the log-probabilities of their "
                + "collection; those of the others are the starting model's";
        }
    }

    /// <summary>How many generated answers are trained on by their ids, and why others are not; nothing where none bring ids.</summary>
    public static IEnumerable<string> TokenIds(RenderedData data)
    {
        var sources = data.Dataset.Sources;
        if (sources.All == 0)
        {
            yield break;
        }

        (int Count, string Why)[] again =
        [
            (sources.OtherTokenizer, "whose ids are another tokenizer's"),
            (sources.OtherText, "whose ids say another text"),
            (sources.ByRenderer, $"by {data.Renderer.Name}, which takes no ids"),
        ];
        var reasons = again.Where(reason => reason.Count > 0).Select(reason => $"{reason.Count:N0} {reason.Why}").ToArray();
        yield return $"Token ids {sources.Generated:N0} of {CountText.Of(sources.All, "answer")} as generated"
            + (reasons.Length > 0 ? $"; tokenized again: {string.Join(", ", reasons)}" : "");
    }

    /// <summary>Rows and documents that were dropped or changed, a line each.</summary>
    public static IEnumerable<string> Exceptions(RenderedData data)
    {
        if (data.Limit.Exceeding > 0)
        {
            var done = data.Limit.Policy == ExcessLength.Drop ? "left out" : "cut there";
            yield return $"          {data.Limit.Exceeding:N0} documents are longer than {data.Limit.MaxLength:N0} tokens "
                + $"(the longest has {data.Limit.Longest:N0}) and were {done}"
                + (data.Dataset.DocumentsBeyondLimit is > 0 and var beyond
                    ? $"; of {beyond:N0} no answer remained, and they were left out"
                    : "");
        }

        if (!data.Dataset.HasOutcomes)
        {
            yield return $"          {Unscored(data.Dataset.OutcomeLikes)}";
        }

        if (data.Dataset.BeginWithAnswers > 0)
        {
            yield return $"          {CountText.Of(data.Dataset.BeginWithAnswers, "trajectory begins", "trajectories begin")} with an "
                + "answer; --question-path gives questions by id";
        }

        (BadRows Rows, string Name)[] leftOut =
        [
            (data.Dataset.EmptyTrajectories, "trajectories without turns"),
            (data.Dataset.FailuresWithoutLoss, "failures without a step to learn"),
            (data.Dataset.BadRows, "bad rows"),
        ];
        foreach (var (rows, name) in leftOut.Where(entry => entry.Rows.Count > 0))
        {
            yield return $"          {rows.Count:N0} {name} were left out; the first: {rows.First[0].Message}";
            foreach (var (kind, count) in rows.Kinds.Where(_ => rows.Kinds.Count > 1).OrderByDescending(kind => kind.Value))
            {
                yield return $"          {count,7:N0}  {kind}";
            }
        }
    }

    /// <summary>The sentence about data without readable outcomes.</summary>
    /// <param name="likes">Members that look like outcomes.</param>
    public static string Unscored(IReadOnlyList<string> likes) => "No trajectory tells its outcome, so all count alike"
        + (likes.Count == 0
            ? ""
            : $"; what looks like outcomes: {string.Join(", ", likes)} (give it the name 'label', with true or false)");

    private static string Share(long part, long whole) => whole == 0 ? "0%" : $"{100.0 * part / whole:F0}%";
}
