using System.Globalization;
using System.Text.RegularExpressions;
using Rebound.Agents.Evaluation;
using Rebound.Study.Comparison;
using Rebound.Study.Reporting;
using Rebound.Study.Teaching;
using Rebound.Study.Worlds;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Tests;

public sealed partial class ReportTests
{
    private const int Questions = 100;

    [Fact]
    public void Where_more_failures_did_worse_the_report_says_so()
    {
        var results = Results(
            [("vanilla", 0, [20, 20]), ("nut", 250, [30, 30]), ("nut", 1000, [40, 40]), ("nat", 250, [60, 58]), ("nat", 1000, [50, 51])]);

        var report = ResultSections.Failures(results);

        Assert.Contains(
            "<strong class=\"nat\">NAT</strong>: 20.0&thinsp;% right without failures, 59.0&thinsp;% with 250, 50.5&thinsp;% with 1,000. "
            + "<strong>From 250 to 1,000 failures it did worse</strong>, by 8.5 points (95 % interval of the change −",
            report, StringComparison.Ordinal);
        Assert.Contains(
            "<strong class=\"nut\">NUT</strong>: 20.0&thinsp;% right without failures, 30.0&thinsp;% with 250, 40.0&thinsp;% with 1,000. "
            + "More failures never did worse than fewer.", report, StringComparison.Ordinal);
        Assert.Contains("1,000 of them (59.0&thinsp;% with 250)", ResultSections.Headline(results), StringComparison.Ordinal);
        Assert.DoesNotContain("(30.0", ResultSections.Headline(results), StringComparison.Ordinal);
    }

    [Fact]
    public void A_method_that_did_worse_than_without_failures_is_named_too()
    {
        var report = ResultSections.Failures(Results([("vanilla", 0, [40]), ("nut", 50, [10]), ("nat", 50, [39])]));

        Assert.Contains(
            "With 50 failures it did worse</strong>, by 30.0 points (95 % interval of the change −39.0 to −21.0).",
            report, StringComparison.Ordinal);
        Assert.Contains("With 50 failures it did worse</strong>, by 1.0 points", report, StringComparison.Ordinal);
        Assert.Contains("which may be chance.", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fall_on_the_seeds_of_both_says_how_many_they_are_and_none_is_told_that_rounds_away()
    {
        var report = ResultSections.Failures(Results([("vanilla", 0, [40, 20]), ("nut", 50, [35]), ("nat", 50, [40])]));

        Assert.Contains(
            "30.0&thinsp;% right without failures, 35.0&thinsp;% with 50. <strong>With 50 failures it did worse</strong>, by 5.0 points "
            + "on the one seed of both (95 % interval of the change −", report, StringComparison.Ordinal);
        Assert.Contains("40.0&thinsp;% with 50. More failures never did worse than fewer.", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_from_fewer_to_more_failures_are_taken_on_the_same_questions_with_the_same_seeds()
    {
        var results = Results(
            [("vanilla", 0, [20, 30]), ("nut", 8, [10, 40]), ("nut", 16, [15, 41]), ("nat", 8, [20, 30]), ("nat", 16, [50, 60])]);

        var steps = results.Lines.SelectMany(line => line.Steps).ToArray();
        Assert.Equal(
            [("nut", 0, 8), ("nut", 8, 16), ("nat", 0, 8), ("nat", 8, 16)],
            steps.Select(step => (step.Arm.Method, step.Other.Failures, step.Arm.Failures)));
        Assert.Equal([-0.10, 0.10], steps[0].Seeds.Select(change => Math.Round(change, 9)));
        Assert.Equal([0.05, 0.01], steps[1].Seeds.Select(change => Math.Round(change, 9)));
        Assert.Equal((0.0, 0.0), (steps[2].Interval.Low, steps[2].Interval.High));
    }

    [Fact]
    public void Every_line_has_its_name_at_its_end_and_names_do_not_cover_each_other()
    {
        ChartSeries[] lines = [.. "abcde".Select((name, index) => new ChartSeries($"{name}", "nat", [(0, 0), (10, 0.01 * index)]))];

        foreach (var size in ChartSize.All)
        {
            var svg = new LineDrawing(size, ChartAxis.To(10), ChartAxis.To(1)).ToSvg("t", "x", "y", lines);

            var names = NameText().Matches(svg);
            Assert.Equal(lines.Length, names.Count);
            var places = names.Select(name => double.Parse(name.Groups["y"].Value, CultureInfo.InvariantCulture)).Order().ToArray();
            Assert.All(places.Zip(places.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 14.9, $"{pair}"));
            Assert.InRange(places[^1], 0, size.Height);
        }
    }

    [Fact]
    public void Nothing_has_a_fixed_width_that_a_narrow_screen_lacks()
    {
        using var reader = new StreamReader(typeof(StudyReport).Assembly.GetManifestResourceStream("report.css")!);
        var css = reader.ReadToEnd();

        // What is at least so wide whatever the screen is; a maximum, or a width that a smaller one may replace, is not.
        var fixedWidths = FixedWidth().Matches(css).Select(match => (
            match.Value,
            Pixels: double.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture) * (match.Groups["unit"].Value == "rem" ? 16 : 1)))
                .ToArray();

        Assert.NotEmpty(fixedWidths);
        Assert.All(fixedWidths, width => Assert.True(width.Pixels <= 100, width.Value));
        Assert.Contains(ChartSize.All, size => size.Width <= 360);
        Assert.DoesNotContain("white-space: pre;", css, StringComparison.Ordinal);
    }

    /// <summary>Names of methods and states are written in these colours: WCAG 2.2, 1.4.3 asks for 4.5 to 1.</summary>
    [Fact]
    public void Every_colour_of_text_can_be_read_on_the_page_in_light_and_dark()
    {
        using var reader = new StreamReader(typeof(StudyReport).Assembly.GetManifestResourceStream("report.css")!);
        var schemes = reader.ReadToEnd().Split("@media (prefers-color-scheme: dark)").Take(2).Select(scheme =>
            Colour().Matches(scheme).DistinctBy(match => match.Groups["name"].Value).ToDictionary(
                match => match.Groups["name"].Value, match => Luminance(match.Groups["hex"].Value))).ToArray();

        Assert.Equal(2, schemes.Length);
        Assert.All(schemes, scheme => Assert.All(
            (string[])["ink", "soft", "vanilla", "nut", "nat", "good", "bad", "other0", "other1", "other2", "other3", "other4", "other5"],
            name => Assert.InRange(
                (Math.Max(scheme[name], scheme["paper"]) + 0.05) / (Math.Min(scheme[name], scheme["paper"]) + 0.05), 4.5, 21)));
    }

    /// <summary>Relative luminance (WCAG 2.2).</summary>
    private static double Luminance(string hex)
    {
        double[] parts = [.. Convert.FromHexString(hex).Select(part => part / 255.0)
            .Select(part => part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4))];
        return (0.2126 * parts[0]) + (0.7152 * parts[1]) + (0.0722 * parts[2]);
    }

    [GeneratedRegex("--(?<name>[a-z0-9-]+): #(?<hex>[0-9a-f]{6});", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Colour();

    [GeneratedRegex("""<text class="name [^"]*" x="[^"]*" y="(?<y>[^"]*)" """, RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex NameText();

    [GeneratedRegex(@"(?<![-\w(])(min-)?width: (calc\()?(?<n>[\d.]+)(?<unit>px|rem)|minmax\((?<n>[\d.]+)(?<unit>px|rem)", RegexOptions.None,
        matchTimeoutMilliseconds: 60_000)]
    private static partial Regex FixedWidth();

    /// <param name="right">How many of a hundred questions each seed got right: the first ones.</param>
    private static StudyResults Results((string Method, int Negatives, int[] Right)[] kinds) => new(
        new StudySettings { ExamQuestions = Questions },
        new TeacherRecord(100, 1000, new Dictionary<string, int>(), new Dictionary<Mistake, int>()),
        new WordProblemWorld(1, 2).Take(WorldSplits.Test, Questions),
        [
            .. from kind in kinds
               from seed in Enumerable.Range(0, kind.Right.Length)
               select new StudentResult(
                   new StudyRun(Enum.Parse<TrainingMethod>(kind.Method, ignoreCase: true), kind.Negatives, seed + 1),
                   [1.0, 0.5],
                   [new ConditionScores(
                       "none",
                       [Metric.OfSuccesses(
                           "accuracy", [.. Enumerable.Range(0, Questions).Select(question => question < kind.Right[seed])])],
                       new Dictionary<string, int>(), 0, 0)]),
        ],
        Seconds: 1);
}
