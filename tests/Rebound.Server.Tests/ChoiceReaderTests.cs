using Rebound.Inference.Generation;
using Rebound.Server.OpenAi;
using Rebound.Trajectories.Parsing;

namespace Rebound.Server.Tests;

public sealed class ChoiceReaderTests
{
    [Theory]
    [InlineData(false, 3, "<think>", "6-2", " is 4", "</think>", "4", ".")]
    [InlineData(true, 2, "6-2", " is 4", "</think>", "4")]
    [InlineData(false, 0, "4", ".")]
    [InlineData(false, 3, "6-2", " is", " 4", "</think>", "4")]
    public void Tokens_of_reasoning_are_counted_up_to_its_end(bool opens, int tokens, params string[] texts)
    {
        var reader = new ChoiceReader(new PreparedAnswer(null!, [1], null, new GenerationOptions())
        {
            Syntax = new TurnSyntax(new TurnMarks("<think>", "</think>"), Calls: null),
            OpensReasoning = opens,
        });
        foreach (var (index, text) in texts.Index())
        {
            reader.Read(new GenerationEvent(0, index, text, null));
        }

        reader.Read(new GenerationEvent(0, 0, "", FinishReason.StopToken));

        Assert.StartsWith("4", reader.Text, StringComparison.Ordinal);
        Assert.Equal(tokens == 0, reader.Reasoning.Length == 0);
        Assert.Equal(tokens, reader.ReasoningTokens);
    }
}
