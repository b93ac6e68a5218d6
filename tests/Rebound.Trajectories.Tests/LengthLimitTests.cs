using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

public sealed class LengthLimitTests
{
    private static readonly TokenizedDocument Long = new("the-id", "none", [1, 2, 3, 4, 5], [-100, 2, -100, 4, 5]);

    [Fact]
    public void What_is_cut_or_dropped_is_counted()
    {
        var truncate = new LengthLimit(4, ExcessLength.Truncate);
        var cut = truncate.Apply(Long)!;
        Assert.Equal([1, 2, 3, 4], cut.Tokens);
        Assert.Equal((2, 1, 5), (cut.SupervisedTokens, truncate.Exceeding, truncate.Longest));

        var drop = new LengthLimit(4, ExcessLength.Drop);
        Assert.Null(drop.Apply(Long));
        Assert.Equal(1, drop.Exceeding);
    }

    [Fact]
    public void An_error_names_the_document_and_both_lengths()
    {
        var message = Assert.Throws<ExcessLengthException>(() => new LengthLimit(4, ExcessLength.Error).Apply(Long)).Message;
        Assert.Contains("the-id", message);
        Assert.Contains("5 tokens", message);
        Assert.Contains("at most 4", message);
    }

    [Fact]
    public void A_document_of_the_exact_length_is_left_alone()
    {
        var limit = new LengthLimit(5, ExcessLength.Error);
        Assert.Same(Long, limit.Apply(Long));
        Assert.Equal(0, limit.Exceeding);
    }

    [Fact]
    public void A_label_on_the_first_token_counts_for_nothing() =>
        Assert.Equal(1, new TokenizedDocument("a", "none", [1, 2], [1, 2]).SupervisedTokens);
}
