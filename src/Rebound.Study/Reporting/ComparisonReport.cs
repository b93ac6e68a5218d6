using Rebound.Files;
using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>
/// The report of any runs that were measured: one page that stands alone, and its tables as CSV files.
/// </summary>
public sealed class ComparisonReport
{
    /// <summary>The page's file in its folder.</summary>
    public const string FileName = "report.html";

    private readonly IReadOnlyList<MeasuredRun> _runs;
    private readonly MethodLook _look;
    private readonly ArmText _arms;
    private readonly IReadOnlyList<Arm> _all;

    /// <param name="runs">At least one with scores on a task; runs with a task of one name have the same questions of it.</param>
    public ComparisonReport(IReadOnlyList<MeasuredRun> runs)
    {
        _runs = runs;
        _all = [.. runs.Select(run => run.Arm).Distinct()];
        _look = new MethodLook(_all.Select(arm => arm.Method));
        _arms = new ArmText(_all, _look);
        Points = runs.Count;
        Views = ScoreView.Of(runs);
        Pairs = ArmPairs.Of(_all);
    }

    /// <summary>Runs that there are to be.</summary>
    public int Points { get; init; }

    /// <summary>How it was set up: names and values.</summary>
    public IReadOnlyList<(string Name, string Value)> About { get; init; } = [];

    /// <summary>HTML of parts that go with these runs, each with its heading.</summary>
    public IReadOnlyList<string> MoreSections { get; init; } = [];

    /// <summary>The command that made it, and what else is to be said at its end, as text.</summary>
    public string MadeBy { get; init; } = "";

    /// <summary>The scores by metric and task.</summary>
    public IReadOnlyList<ScoreView> Views { get; }

    /// <summary>The kinds of runs that are set beside each other.</summary>
    public IReadOnlyList<(Arm Arm, Arm Other)> Pairs { get; }

    /// <summary>Writes <c>report.html</c> and the tables.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var overlaps = SolvedTogether.Of(_runs);
        new ComparisonTables(_runs, Views, Pairs, overlaps).Write(folder);
        WholeFile.WriteText(Path.Combine(folder, FileName), ToHtml(overlaps));
    }

    /// <summary>The parts of the page below its headline, as HTML; without scores on any task there are fewer.</summary>
    public IReadOnlyList<string> Sections() => Sections(SolvedTogether.Of(_runs));

    private string[] Sections(IReadOnlyList<SolvedTogether> overlaps) =>
    [
        .. Views.Count == 0 ? [] : new[]
        {
            FigureSection.Of(Views, _arms, _look),
            ScoreSection.Of(Views, _all, _arms),
            GapSection.Of(Views, Pairs, _arms),
        },
        LikelihoodSection.Of(_runs, _arms),
        TrySection.Of(_runs, _arms, _look),
        OverlapSection.Of(overlaps, _arms),
        CauseSection.Of(_runs, _arms),
        CostSection.Of(_runs, _arms, _look),
        .. MoreSections,
        AboutSection.Of(About),
    ];

    private string ToHtml(IReadOnlyList<SolvedTogether> overlaps) => HtmlPage.Of(
        "Learning from failures: a comparison",
        [Views.Count == 0 ? "<h1>Runs</h1>" : ComparisonHeadline.Of(_runs, Points, Views, _look), .. Sections(overlaps)],
        $"{HtmlText.Escape(MadeBy)} The tables are beside this file, as CSV.");
}
