using System.Collections.Immutable;
using Rebound.Engine;
using Rebound.Inference.Generation;

namespace Rebound.Inference.Tests;

public sealed class SamplingOptionsTests
{
    [Fact]
    public void Every_option_out_of_range_is_named_at_once()
    {
        var options = new SamplingOptions
        {
            Temperature = -1,
            TopK = -2,
            TopP = 1.5f,
            MinP = float.NaN,
            RepetitionPenalty = 0,
            PresencePenalty = float.PositiveInfinity,
            FrequencyPenalty = float.NaN,
            LikeliestTokens = 21,
            LogitBias = ImmutableDictionary<int, float>.Empty.Add(-3, 1).Add(7, float.NaN),
        };

        var exception = Assert.Throws<ArgumentException>(options.Validate);

        Assert.All(
            [
                "temperature is -1", "top-k is -2", "top-p is 1.5", "min-p is NaN", "penalty is 0", "presence penalty is",
                "frequency penalty is NaN", "21 likeliest", "names token -3", "bias of token 7 is NaN",
            ],
            part => Assert.Contains(part, exception.Message));
    }

    [Fact]
    public void Penalties_and_bias_become_edits_of_what_was_there()
    {
        var options = new SamplingOptions
        {
            RepetitionPenalty = 1.5f,
            PresencePenalty = 0.25f,
            FrequencyPenalty = 0.5f,
            LogitBias = ImmutableDictionary<int, float>.Empty.Add(9, -2),
        };
        var edits = new LogitEdits(options, [4, 5, 4]);
        edits.Add(5);
        edits.Add(7);
        edits.Add(5);

        Assert.Equal(
            [new(4, 0, 1.5f, 0), new(5, 0, 1.5f, -1.25f), new(7, 0, 1.5f, -0.75f), new(9, -2, 1, 0)],
            edits.Current.ToArray().OrderBy(edit => edit.Token));
    }

    [Fact]
    public void Without_penalties_nothing_is_edited()
    {
        var edits = new LogitEdits(new SamplingOptions(), [4, 5, 4]);
        edits.Add(5);

        Assert.True(edits.Current.IsEmpty);
    }
}
