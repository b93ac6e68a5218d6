namespace Rebound.Text.Tests;

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
    public void What_is_far_from_everything_finds_nothing(string typed) => Assert.Null(NearestName.Find(typed, Known));
}
