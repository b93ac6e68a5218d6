using Rebound.Trajectories.Parsing;

namespace Rebound.Trajectories.Tests;

public sealed class StopStringFilterTests
{
    [Fact]
    public void A_stop_string_in_pieces_ends_the_text_before_it()
    {
        var filter = new StopStringFilter(["Observation:"]);

        Assert.Equal(["Action: x\n", "", "", ""], new[] { "Action: x\nObs", "erva", "tion: 7", " more" }.Select(filter.Append));
        Assert.True(filter.Stopped);
        Assert.Equal("", filter.Flush());
    }

    [Fact]
    public void Held_text_is_shown_once_it_cannot_be_a_stop_string()
    {
        var filter = new StopStringFilter(["\n\n", "END"]);

        Assert.Equal(["a", "\nb", "", "ENx"], new[] { "a\n", "b", "EN", "x" }.Select(filter.Append));
        Assert.False(filter.Stopped);
    }

    [Fact]
    public void A_repeated_start_is_held_as_long_as_it_may_be()
    {
        var filter = new StopStringFilter(["aab"]);

        Assert.Equal(["", "", "a", "a"], new[] { "a", "a", "a", "ab" }.Select(filter.Append));
        Assert.True(filter.Stopped);
    }

    [Fact]
    public void The_earliest_of_several_stop_strings_counts()
    {
        var filter = new StopStringFilter(["three", "two"]);

        Assert.Equal("one ", filter.Append("one two three"));
    }

    [Fact]
    public void Flushing_returns_what_was_held()
    {
        var filter = new StopStringFilter(["stop"]);

        Assert.Equal("a ", filter.Append("a sto"));
        Assert.Equal("sto", filter.Flush());
    }
}
