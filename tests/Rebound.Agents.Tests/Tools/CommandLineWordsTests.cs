using Rebound.Agents.Tools;

namespace Rebound.Agents.Tests.Tools;

public sealed class CommandLineWordsTests
{
    [Theory]
    [InlineData("node srv.mjs", "node|srv.mjs")]
    [InlineData("  npx -y\t@scope/server  ", "npx|-y|@scope/server")]
    [InlineData("node \"my server.mjs\" 'a b'", "node|my server.mjs|a b")]
    [InlineData("sh -c 'echo \"x y\" >&2'", "sh|-c|echo \"x y\" >&2")]
    [InlineData("--path=\"a b\"c", "--path=a bc")]
    [InlineData("x '' \"\"", "x||")]
    [InlineData("x \"it's \\\"so\\\"\"", "x|it's \"so\"")]
    [InlineData("", "")]
    public void A_command_line_is_parted_as_a_shell_parts_it(string line, string expected) =>
        Assert.Equal(expected, string.Join('|', CommandLineWords.Split(line)));

    [Fact]
    public void A_quote_that_is_not_closed_is_said() =>
        Assert.Equal(
            "the quote ' is not closed.", Assert.Throws<FormatException>(() => CommandLineWords.Split("node 'my server.mjs")).Message);
}
