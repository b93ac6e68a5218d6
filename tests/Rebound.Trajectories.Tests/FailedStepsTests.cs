using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories.Tests;

public sealed class FailedStepsTests
{
    [Theory]
    [InlineData(NegativeLoss.All, "1 2 3")]
    [InlineData(NegativeLoss.UntilLast, "1 2")]
    [InlineData(NegativeLoss.UntilError, "1")]
    [InlineData(NegativeLoss.None, "")]
    public void The_policy_says_which_answers_of_a_failure_are_learned(NegativeLoss policy, string learned) =>
        Assert.Equal(learned, Learned(policy, "Observation: 4", "Observation: Error: no such tool", "Observation: Episode finished"));

    [Theory]
    [InlineData("Observation: 7", "1 2")]
    [InlineData("observation: error in line 1", "")]
    [InlineData("  Could not find it.", "")]
    [InlineData("Observation: The Comedy of Errors", "1 2")]
    public void Where_no_reply_is_an_error_the_last_answer_is_the_one(string reply, string learned) =>
        Assert.Equal(learned, Learned(NegativeLoss.UntilError, reply, "Observation: 4", "Observation: Episode finished"));

    [Fact]
    public void Flags_of_the_data_stay_and_the_last_answer_is_the_last_one_in_the_loss()
    {
        Turn[] turns = [new("assistant", "1", true), new("assistant", "2", true), new("assistant", "3", false)];
        Assert.Equal([true, false, false], FailedSteps.TakeOut(turns, NegativeLoss.UntilLast).Select(turn => turn.Loss));
        Assert.Empty(FailedSteps.TakeOut([], NegativeLoss.UntilError));
        Assert.Same(turns, FailedSteps.TakeOut(turns, NegativeLoss.All));
    }

    private static string Learned(NegativeLoss policy, params string[] replies)
    {
        var turns = replies.Index().SelectMany(reply =>
            new[] { new Turn("assistant", $"{reply.Index + 1}", true), new Turn("user", reply.Item, false) });
        return string.Join(' ', FailedSteps.TakeOut([.. turns], policy).Where(turn => turn.Loss).Select(turn => turn.Content));
    }
}
