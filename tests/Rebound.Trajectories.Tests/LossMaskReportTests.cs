using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

public sealed class LossMaskReportTests
{
    private const int Stop = 257;
    private const int Out = TokenizedDocument.IgnoreLabel;

    private static readonly Tokenizer Bytes = Tokenizer.Parse(ByteTokenizer.Json());

    [Fact]
    public void Answers_are_counted_by_outcome_and_each_ends_with_the_stop_token()
    {
        var lossMask = Certify(
            Document("positive", 1, [Out, 'a', Stop, Out, 'b', Stop, Out]), Document("positive", 2, [Out, Out, 'a', Stop]),
            Document("negative", 1, [Out, 'a', Stop]));
        Assert.Equal(
            [new MaskCount("positive", "none", 2, 2, 11, 6, 0, 3, 3, 0), new MaskCount("negative", "none", 1, 1, 3, 2, 0, 1, 1, 0)],
            lossMask.Outcomes);
        Assert.Equal((3, 14L, 8L, true), (lossMask.Documents, lossMask.Tokens, lossMask.SupervisedTokens, lossMask.Holds));
    }

    [Fact]
    public void An_answer_without_its_stop_token_shows_unless_the_length_limit_cut_it()
    {
        Assert.False(Certify(Document("positive", 1, [Out, 'a', Out, 'b', Stop])).Holds);
        Assert.False(Certify(Document("positive", 1, [Out, 'a'])).Holds);
        var cut = Certify(Document("positive", 1, [Out, 'a', 'b', Stop]).Truncate(3));
        Assert.Equal((1, 0, 1, true), (cut.Outcomes[0].Answers, cut.Outcomes[0].Stopped, cut.Outcomes[0].Cut, cut.Holds));
        Assert.False(Certify(Document("positive", 1, [Out, 'a', Out, 'b', Stop]).Truncate(4)).Holds);
    }

    [Fact]
    public void A_document_without_anything_to_learn_shows() => Assert.False(Certify(Document("positive", 1, [Out, Out])).Holds);

    [Theory]
    [MemberData(nameof(InferenceTokensTests.Renderers), MemberType = typeof(InferenceTokensTests))]
    public void It_holds_for_what_the_renderers_render(string name)
    {
        var (renderer, tokenizer) = InferenceTokensTests.RendererOf(name);
        var conversation = new Conversation(
            "7", "correct",
            [new("user", "q", false), new("assistant", "a", true), new("user", "o", false), new("assistant", "b", true),
                new("user", "end", false)]);
        var documents = renderer.Render(conversation).Select(document => document with { Outcome = "positive", Row = 1 }).ToArray();
        var lossMask = LossMaskReport.Of(documents, renderer, tokenizer, new MaskLeftOut(100, 0, 0, 2, 3, 0));
        Assert.True(lossMask.Holds);
        Assert.True(lossMask.Outcomes[0].Stopped >= 2);
        var json = lossMask.ToJson();
        Assert.True((bool)json["holds"]!);
        Assert.Equal(2, (int)json["left_out"]!["bad_rows"]!);
        Assert.Equal(1, (int)json["outcomes"]![0]!["trajectories"]!);
        Assert.Contains(json["preview"]![0]!["spans"]!.AsArray(), span => (bool)span!["in_loss"]! && ((string)span["text"]!).Contains('a'));
    }

    private static LossMaskReport Certify(params TokenizedDocument[] documents) =>
        LossMaskReport.Of(documents, RenderingCase.Find("bytes").Renderer, Bytes);

    private static TokenizedDocument Document(string outcome, int row, int[] labels) =>
        new("id", "none", [.. labels.Select(label => label == Out ? 'x' : label)], labels) { Outcome = outcome, Row = row };
}
