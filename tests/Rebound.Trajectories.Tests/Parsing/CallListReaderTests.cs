using Rebound.Trajectories.Parsing;

namespace Rebound.Trajectories.Tests.Parsing;

public sealed class CallListReaderTests
{
    [Theory]
    [InlineData("""[{"name": "weather", "arguments": {"city": "Rome", "days": [1, {"x": "}"}]}}]""", """weather({"city": "Rome", "days": [1, {"x": "}"}]})""")]
    [InlineData("""[{"name":"a","arguments":{}},{"name":"b","arguments":{"q":"\"]}\\"}}]""", """a({}) b({"q":"\"]}\\"})""")]
    [InlineData("""[ { "arguments" : {"x": 1} , "name" : "after" } ]""", """after({"x": 1})""")]
    [InlineData("""[{"name": "n\u00e9e", "arguments": 12.5 }, {"name": "t", "arguments": "text"}, {"name": "u", "arguments": null}]""",
        """née(12.5) t("text") u(null)""")]
    [InlineData("""[{"name": "cut", "arguments": {"city": "Ro""", """cut({"city": "Ro""")]
    [InlineData("""[{"name": "cu""", "")]
    public void It_reads_the_same_however_the_text_is_cut(string text, string expected)
    {
        for (var length = 1; length <= text.Length; length++)
        {
            var reader = new CallListReader();
            var pieces = text.Chunk(length).SelectMany(chunk => reader.Append(new string(chunk))).ToArray();

            Assert.Equal(
                expected,
                string.Concat(pieces.Select(piece =>
                    (piece.Name is null ? "" : piece.Name + "(") + piece.Arguments + (piece.IsWhole ? ") " : ""))).TrimEnd(' '));
        }
    }

    [Fact]
    public void A_name_is_told_before_its_arguments()
    {
        var reader = new CallListReader();

        Assert.Equal([new CallPiece("weather", "", IsWhole: false)], reader.Append("""[{"name": "weather","""));
        Assert.Equal([new CallPiece(null, "{\"ci", IsWhole: false)], reader.Append(""" "arguments": {"ci"""));
    }
}
