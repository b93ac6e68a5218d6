using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Rows;
using Rebound.Text;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Rendering;

/// <summary>
/// A report of the loss mask: which tokens a run learns and which it does not, counted from the tokens and labels of training
/// themselves, so that a wrong mask shows. It is stored with every run.
/// </summary>
/// <param name="StopToken">The token that every answer in the loss must end with, itself in the loss.</param>
/// <param name="Outcomes">Counts by outcome and condition, in the order in which these first appear.</param>
/// <param name="Preview">The beginning of one document of each of them.</param>
/// <param name="LeftOut">Counts of what was left out or cut; null if not asked for.</param>
public sealed record LossMaskReport(
    string Renderer,
    string StopToken,
    int StopTokenId,
    IReadOnlyList<MaskCount> Outcomes,
    IReadOnlyList<MaskPreview> Preview,
    MaskLeftOut? LeftOut)
{
    /// <summary>The report's file name in a run's folder.</summary>
    public const string FileName = "mask-certificate.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public int Documents => Outcomes.Sum(count => count.Documents);

    public long Tokens => Outcomes.Sum(count => count.Tokens);

    public long SupervisedTokens => Outcomes.Sum(count => count.SupervisedTokens);

    /// <summary>
    /// Whether every document holds something to learn and every answer in the loss that was not cut ends with the stop token.
    /// </summary>
    public bool Holds => Outcomes.All(count => count.Unsupervised == 0 && count.Answers == count.Stopped + count.Cut);

    /// <summary>Examines the documents of a run.</summary>
    /// <param name="documents">After the length limit.</param>
    /// <param name="renderer">The one that rendered them.</param>
    public static LossMaskReport Of(
        IReadOnlyList<TokenizedDocument> documents, ConversationRenderer renderer, Tokenizer tokenizer, MaskLeftOut? leftOut = null)
    {
        if (!tokenizer.TryGetId(renderer.StopToken, out var stop))
        {
            throw new ArgumentException($"The stop token {renderer.StopToken} is no token of the tokenizer.", nameof(tokenizer));
        }

        var groups = new OrderedDictionary<(string, string), MaskCounter>();
        foreach (var document in documents)
        {
            var key = (document.Outcome, document.Condition);
            if (!groups.TryGetValue(key, out var group))
            {
                groups.Add(key, group = new MaskCounter(MaskPreview.Of(document, tokenizer), stop));
            }

            group.Add(document);
        }

        return new LossMaskReport(
            renderer.Name,
            renderer.StopToken,
            stop,
            [.. groups.Values.Select(group => group.Count)],
            [.. groups.Values.Select(group => group.Preview)],
            leftOut);
    }

    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, Json)!.AsObject();
}

/// <summary>Counts of tokens in the loss, for the documents of one outcome under one condition.</summary>
/// <param name="Outcome"><c>positive</c> or <c>negative</c>.</param>
/// <param name="Condition">The prompt's condition.</param>
/// <param name="Trajectories">Rows that the documents come from.</param>
/// <param name="Tokens">All tokens.</param>
/// <param name="SupervisedTokens">Those in the loss.</param>
/// <param name="Unsupervised">Documents without any token in the loss.</param>
/// <param name="Answers">
/// Stretches of tokens in the loss: the assistant's turns, and with the llama-2 renderer the end of the text after a
/// last turn of somebody else.
/// </param>
/// <param name="Stopped">Answers whose last token in the loss is the stop token.</param>
/// <param name="Cut">Answers without it because the length limit cut the document there.</param>
public sealed record MaskCount(
    string Outcome,
    string Condition,
    int Trajectories,
    int Documents,
    long Tokens,
    long SupervisedTokens,
    int Unsupervised,
    int Answers,
    int Stopped,
    int Cut);

/// <summary>Where the loss begins and ends in one document, for people.</summary>
/// <param name="Id">The trajectory's id.</param>
public sealed record MaskPreview(string Outcome, string Condition, string Id, IReadOnlyList<LossSpan> Spans)
{
    internal static MaskPreview Of(TokenizedDocument document, Tokenizer tokenizer) =>
        new(document.Outcome, document.Condition, document.Id, LossPreview.Excerpt(document, tokenizer));
}

/// <summary>Counts of documents and tokens that were left out.</summary>
/// <param name="MaxLength">Tokens of a document at most.</param>
/// <param name="Truncated">Documents cut there.</param>
/// <param name="Dropped">Documents dropped for being longer, or because the cut left nothing to learn.</param>
/// <param name="BadRows">Rows that nothing can be learned from though something should be.</param>
/// <param name="EmptyTrajectories">Trajectories without turns.</param>
/// <param name="FailuresWithoutLoss">Failures of which the loss policy leaves nothing to learn.</param>
public sealed record MaskLeftOut(
    int MaxLength, int Truncated, int Dropped, int BadRows, int EmptyTrajectories, int FailuresWithoutLoss)
{
    public static MaskLeftOut Of(LengthLimit limit, Dataset dataset) => new(
        limit.MaxLength,
        limit.Policy == ExcessLength.Truncate ? limit.Exceeding - dataset.DocumentsBeyondLimit : 0,
        limit.Policy == ExcessLength.Drop ? limit.Exceeding : dataset.DocumentsBeyondLimit,
        dataset.BadRows.Count,
        dataset.EmptyTrajectories.Count,
        dataset.FailuresWithoutLoss.Count);
}
