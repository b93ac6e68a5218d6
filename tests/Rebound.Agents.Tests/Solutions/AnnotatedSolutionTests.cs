using Rebound.Agents.Solutions;

namespace Rebound.Agents.Tests.Solutions;

public sealed class AnnotatedSolutionTests
{
    [Fact]
    public void Text_is_cut_at_its_annotations()
    {
        var solution = AnnotatedSolution.Parse(
            "A crate weighs 3*4 = <<3*4=12>>12 kg\nTwo of them cost 12*2 = $<<12*2=24>>24, or so.\n\nThe rest is "
                + "<<100-24=76>>76\n#### 1,076");

        Assert.Equal(
            [
                new SolutionStep("A crate weighs 3*4", "3*4", "12"),
                new SolutionStep("12 kg. Two of them cost 12*2", "12*2", "24"),
                new SolutionStep("$24, or so. The rest is", "100-24", "76"),
            ],
            solution.Steps);
        Assert.Equal(("76.", "1076"), (solution.Conclusion, solution.Answer));
    }

    [Theory]
    [InlineData("<<1+1=2>><<2+2=4>>\n#### 4", "", "", "")]
    [InlineData("He has €<<1+1=2>>2 and pays x=<<2+2=4>>4!\n#### 4", "He has", "€2 and pays x", "4!")]
    [InlineData("So 2 + <<2=2>>2 =<<2+2=4>>4\n#### 4", "So 2 +", "2", "4.")]
    public void What_stands_between_annotations_is_kept(string text, string first, string second, string conclusion)
    {
        var solution = AnnotatedSolution.Parse(text);

        Assert.Equal([first, second], solution.Steps.Select(step => step.Thought));
        Assert.Equal(conclusion, solution.Conclusion);
    }

    [Theory]
    [InlineData("It is <<1+1=2>>2.", "no line '#### '")]
    [InlineData("It is <<1+1=2>>2.\n#### two", "no line '#### '")]
    [InlineData("It is <<1+1>>2.\n#### 2", "'1+1' is not of the form")]
    [InlineData("It is <<=2>>2.\n#### 2", "'=2' is not of the form")]
    [InlineData("It is <<1+1=2.\n#### 2", "is not of the form")]
    public void What_is_no_such_solution_is_said(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => AnnotatedSolution.Parse(text)).Message);

    [Theory]
    [InlineData("24", "24", Agreement.Equal)]
    [InlineData("0.5", "1/2", Agreement.Equal)]
    [InlineData(".50", "0.5", Agreement.Equal)]
    [InlineData("1,500,000", "1.5e+06", Agreement.Equal)]
    [InlineData("33.33", "100/3", Agreement.Rounded)]
    [InlineData("33", "100/3", Agreement.Rounded)]
    [InlineData("0.8333333", "0.833333", Agreement.Rounded)]
    [InlineData("34", "100/3", Agreement.Different)]
    [InlineData("33.34", "100/3", Agreement.Different)]
    [InlineData("4", "Error: the expression ends early.", Agreement.Different)]
    [InlineData("four", "4", Agreement.Different)]
    [InlineData("2*x", "2*x", Agreement.Equal)]
    public void Values_are_compared_as_numbers(string value, string observation, Agreement agreement) =>
        Assert.Equal(agreement, new CheckedCalculation("", value, observation).Agreement);
}
