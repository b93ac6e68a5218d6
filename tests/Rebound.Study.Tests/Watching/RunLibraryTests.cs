using Rebound.Files;
using Rebound.Study.Reporting;
using Rebound.Study.Reading;
using Rebound.Study.Watching;
using Rebound.Testing;

namespace Rebound.Study.Tests.Watching;

public sealed class RunLibraryTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly SteppedTime _time = new();

    private string Root => _temporary.Path;

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Metrics_are_read_as_they_come_with_a_cut_off_line_when_it_is_whole()
    {
        var run = NewRun("one");
        File.WriteAllText(run, Step(1, 3) + "\n" + Step(2, 2) + "\nnonsense\n" + Step(3, 1)[..10]);
        var library = new RunLibrary([Root], _time);
        var watched = Assert.Single(Look(library).Runs);
        Assert.Equal([3f, 2f], watched.Curve("loss")!.Values);
        var (version, curves) = (watched.Version, watched.Curves);

        Look(library);
        Assert.Equal(version, watched.Version);
        Assert.Same(curves, watched.Curves);

        File.AppendAllText(run, Step(3, 1)[10..] + "\n");
        Look(library);
        Assert.Equal([1, 2, 3], watched.Curve("loss")!.Steps);
        Assert.Equal(3, watched.Steps);
        Assert.NotEqual(version, watched.Version);
    }

    [Fact]
    public void A_run_that_goes_on_from_an_earlier_step_is_read_anew_and_one_that_is_removed_goes()
    {
        var run = NewRun("one");
        File.WriteAllText(run, Step(1, 3) + "\n" + Step(2, 2) + "\n");
        var library = new RunLibrary([Root], _time);
        Look(library);
        File.WriteAllText(run, Step(1, 3) + "\n" + Step(2, 5) + "\n" + Step(3, 4) + "\n");
        Assert.Equal([3f, 5f, 4f], Look(library).Runs[0].Curve("loss")!.Values);

        Directory.Delete(Path.GetDirectoryName(run)!, recursive: true);
        Assert.Empty(Look(library).Runs);
    }

    [Fact]
    public void The_state_is_what_lock_model_and_last_step_say()
    {
        var run = NewRun("one");
        var folder = Path.GetDirectoryName(run)!;
        File.WriteAllText(run, Step(1, 3) + "\n");
        _time.Now = new DateTimeOffset(File.GetLastWriteTimeUtc(run));
        var library = new RunLibrary([Root], _time);
        Assert.Equal(RunState.Stopped, Look(library).Runs[0].State);

        using (FolderLock.Take(folder))
        {
            Assert.Equal(RunState.Running, Look(library).Runs[0].State);
            _time.Now += TimeSpan.FromHours(1);
            Assert.Equal(RunState.Silent, Look(library).Runs[0].State);
        }

        File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        Assert.Equal(RunState.Ended, Look(library).Runs[0].State);
    }

    [Fact]
    public void Checkpoints_and_what_links_lead_to_are_no_runs()
    {
        var outside = Directory.CreateTempSubdirectory("rebound-outside-").FullName;
        try
        {
            File.WriteAllText(NewRun("b/checkpoint-10"), Step(1, 1) + "\n");
            File.WriteAllText(NewRun("run-10"), Step(1, 1) + "\n");
            File.WriteAllText(NewRun("run-2"), Step(1, 1) + "\n");
            File.WriteAllText(Path.Combine(outside, "metrics.jsonl"), Step(1, 1) + "\n");
            Directory.CreateSymbolicLink(Path.Combine(Root, "link"), outside);
            File.CreateSymbolicLink(NewRun("linked"), Path.Combine(outside, "metrics.jsonl"));

            var runs = Look(new RunLibrary([Root], _time)).Runs;

            Assert.Equal(["linked", "run-2", "run-10"], runs.Select(run => Path.GetFileName(run.Name)));
            Assert.NotNull(runs[0].Problem);
            Assert.Empty(runs[0].Curves);
            Assert.All(runs, run => Assert.DoesNotContain(Path.DirectorySeparatorChar + "tmp", run.Name, StringComparison.Ordinal));
            Assert.Single(Look(new RunLibrary([Path.Combine(Root, "b", "checkpoint-10")], _time)).Runs);
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Fact]
    public async Task A_report_of_a_run_has_no_rows_of_its_checkpoints_unless_one_is_given()
    {
        File.WriteAllText(NewRun("run"), Step(1, 1) + "\n" + Step(2, 1) + "\n");
        File.WriteAllText(NewRun("run/checkpoint-1"), Step(1, 1) + "\n");

        var all = await FoundFolders.ReadAsync([Root], TestContext.Current.CancellationToken);
        var one = await FoundFolders.ReadAsync([Path.Combine(Root, "run", "checkpoint-1")], TestContext.Current.CancellationToken);

        Assert.Equal("run", Assert.Single(all.Runs).Name);
        Assert.Equal("checkpoint-1", Assert.Single(one.Runs).Name);
    }

    [Fact]
    public void Smoothing_begins_with_the_first_value_and_thinning_keeps_peaks()
    {
        Assert.Equal([4, (0.5 * 0.5 * 4) / 0.75 + (0.5 * 1) / 0.75], CurveChart.Smoothed([(1, 4), (2, 1)], 0.5).Select(point => point.Y));
        var points = Enumerable.Range(0, 10_000).Select(step => ((double)step, step == 7777 ? 9.0 : 1)).ToArray();
        var thinned = CurveChart.Thinned(points);
        Assert.InRange(thinned.Length, 200, 401);
        Assert.Contains((7777, 9.0), thinned);
    }

    [Theory]
    [InlineData(1.23, 1.87, 1.2, 2)]
    [InlineData(0.2, 1.87, 0, 2)]
    [InlineData(5, 5, 2, 8)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(-2, 3, -2, 3)]
    public void An_axis_lies_around_its_values(double low, double high, double start, double end)
    {
        var axis = ChartAxis.Around(low, high);

        Assert.InRange(low, axis.Start, axis.End);
        Assert.InRange(high, axis.Start, axis.End);
        Assert.Equal((start, end), (Math.Round(axis.Start, 9), Math.Round(axis.End, 9)));
    }

    [Fact]
    public void A_logarithmic_axis_has_a_tick_for_each_power_of_ten()
    {
        var axis = ChartAxis.Logarithmic(0.002, 30);

        Assert.Equal(["1e-3", "0.01", "0.1", "1", "10", "100"], axis.Ticks.Select(axis.Label));
        Assert.Equal(0.6, axis.Share(1), 9);
    }

    private RunListing Look(RunLibrary library)
    {
        _time.Passed += TimeSpan.FromSeconds(10);
        return library.Look();
    }

    private string NewRun(string name) =>
        Path.Combine(Directory.CreateDirectory(Path.Combine(Root, name)).FullName, "metrics.jsonl");

    private static string Step(int step, double loss) => $"{{\"step\":{step},\"loss\":{loss},\"seconds\":0.5,\"tokens\":100}}";
}
