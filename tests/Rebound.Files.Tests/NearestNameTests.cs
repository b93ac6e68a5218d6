using Rebound.Files.Messages;

namespace Rebound.Files.Tests;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["--model", "--max-new-tokens", "--message", "--min-p", "--top-k", "--top-p"];

    [Theory]
    [InlineData("--modle", "--model")]
    [InlineData("--max_new_tokens", "--max-new-tokens")]
    [InlineData("--max-tokens", "--max-new-tokens")]
    [InlineData("--mesage", "--message")]
    [InlineData("--tokens", "--max-new-tokens")]
    public void A_slip_finds_what_was_meant(string typed, string meant) => Assert.Equal(meant, NearestName.Find(typed, Known));

    [Theory]
    [InlineData("--learning-rate")]
    [InlineData("--zzzzz")]
    [InlineData("--tok")]
    [InlineData("-z")]
    public void What_is_far_from_everything_finds_nothing(string typed) => Assert.Null(NearestName.Find(typed, Known));

    [Theory]
    [InlineData("bye", "bad")]
    [InlineData("limit", "split")]
    [InlineData("test", "task")]
    [InlineData("-x", "-m")]
    public void Another_short_word_is_no_slip(string typed, string known) => Assert.Null(NearestName.Find(typed, [known]));

    [Fact]
    public void All_that_are_equally_near_are_found() => Assert.Equal(["--top-k", "--top-p"], NearestName.FindAll("--top-n", Known));

    [Fact]
    public void Names_that_share_a_word_are_found_unless_they_are_many()
    {
        Assert.Equal(["save-steps", "eval-steps"], NearestName.FindAll("steps", ["save-steps", "eval-steps", "seed"]));
        Assert.Empty(NearestName.FindAll("path", ["a-path", "b-path", "c-path", "d-path", "e-path", "f-path"]));
    }
}
