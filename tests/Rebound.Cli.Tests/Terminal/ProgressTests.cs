using Rebound.Cli.Terminal;

namespace Rebound.Cli.Tests.Terminal;

public sealed class ProgressTests
{
    [Theory]
    [InlineData(99, "done 5, 50%, 3 a second, 9 s left")]
    [InlineData(24, "done 5, 50%, 9 s left")]
    [InlineData(17, "done 5, 9 s left")]
    [InlineData(10, "done 5")]
    [InlineData(3, "don")]
    public void A_line_that_is_too_long_loses_what_matters_least(int width, string expected) =>
        Assert.Equal(expected, LineFill.Fit([("done 5", 0), ("50%", 2), ("", 0), ("3 a second", 3), ("9 s left", 1)], width));

    [Fact]
    public void Parts_stand_apart_as_is_asked() =>
        Assert.Equal("step 1  epoch 0", LineFill.Fit([("step 1", 0), ("rate 5", 2), ("epoch 0", 1)], 16, separator: "  "));

    [Fact]
    public void A_block_is_rewritten_in_place_and_taken_away()
    {
        using var screen = new TestScreen(20);
        screen.Write("before\n");
        var block = new LiveBlock(new TerminalWriter(screen, isTerminal: true, name: null), () => (20, 10));

        block.Show(["one", "two longer", "three"]);
        block.Show(["ONE", "2"]);
        Assert.Equal("before\nONE\n2\n", screen.Text);
        block.Clear();
        screen.Write("after\n");
        block.Show(["again"]);

        Assert.Equal("before\nafter\nagain\n", screen.Text);
    }
}
