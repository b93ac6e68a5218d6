using Rebound.Engine;
using Rebound.Files;
using Rebound.Files.Tests;
using Rebound.Testing;
using Rebound.Training.Checkpoints;
using Rebound.Training.Documents;
using Rebound.Training.Runs;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Tests;

public sealed class DataCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];
    private readonly TextSource _text;

    public DataCacheTests()
    {
        TinyChatModel.Write(_folder.File("model"));
        _text = TextSource.Open(_folder.File("model"));
        _folder.Write("negative.jsonl", Rows(40));
    }

    private string Cache => _folder.File("cache");

    private string File => Assert.Single(Directory.GetFiles(Cache, "*.rendered"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TrainingMethod.Nat)]
    [InlineData(TrainingMethod.Kto)]
    [InlineData(TrainingMethod.Dpo)]
    [InlineData(TrainingMethod.Grpo)]
    public void A_run_is_the_same_from_memory_from_a_file_and_from_a_file_of_another_run(TrainingMethod method)
    {
        var runs = new[] { new DataCacheOptions { IsOn = false }, new() { Folder = Cache }, new() { Folder = Cache } }
            .Select((cache, run) => Facts(method, cache, $"out{run}")).ToArray();

        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(runs[0], runs[2]);
        Assert.StartsWith($"The rendered data are kept in {File}", Assert.Single(_notes));
    }

    [Fact]
    public void A_writer_that_is_killed_anywhere_leaves_nothing_that_is_taken_for_whole()
    {
        var expected = Fingerprint(Load());
        var before = FileCalls.Current;
        for (var last = 0; ; last++)
        {
            Directory.Delete(Cache, recursive: true);
            var calls = new KillingCalls(last);
            try
            {
                FileCalls.Current = calls;
                Load();
            }
            catch (KilledException)
            {
                Assert.True(calls.HasKilled);
            }
            finally
            {
                FileCalls.Current = before;
            }

            _notes.Clear();
            Assert.Equal(expected, Fingerprint(Load()));
            Assert.All(_notes, note => Assert.StartsWith("The rendered data are kept", note));
            Assert.Empty(Directory.GetFiles(Cache, "*" + WholeFile.PartialSuffix));
            if (!calls.HasKilled)
            {
                Assert.True(last > 3);
                return;
            }
        }
    }

    [Fact]
    public void A_file_that_is_damaged_is_made_anew_with_a_sentence()
    {
        var expected = Fingerprint(Load());
        var whole = System.IO.File.ReadAllBytes(File);
        byte[][] damaged = [[], whole[..^1], whole[..(whole.Length / 2)], .. Enumerable.Range(0, 40).Select(Flipped)];
        foreach (var bytes in damaged)
        {
            var path = File;
            System.IO.File.Delete(path);
            System.IO.File.WriteAllBytes(path, bytes);
            _notes.Clear();

            Assert.Equal(expected, Fingerprint(Load()));

            Assert.Equal(2, _notes.Count);
            Assert.Matches("^.* is damaged: .*\\. The data are rendered anew\\.$", _notes[0]);
            Assert.Equal(whole, System.IO.File.ReadAllBytes(path));
        }

        byte[] Flipped(int place)
        {
            var bytes = whole.ToArray();
            bytes[(long)place * (bytes.Length - 1) / 39] ^= 0x10;
            return bytes;
        }
    }

    [Fact]
    public async Task Those_who_want_the_same_at_once_wait_for_one_that_writes()
    {
        Directory.CreateDirectory(Cache);
        Load();
        var (expected, path) = (Fingerprint(Load()), File);
        System.IO.File.Delete(path);
        _notes.Clear();
        Task<string>[] others;
        using (FolderLock.TakePlace(path))
        {
            others = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => Fingerprint(Load())))];
            Assert.True(SpinWait.SpinUntil(() => Notes().Length == 3, TimeSpan.FromSeconds(60)));
            Assert.All(Notes(), note => Assert.Equal($"Another process renders the same data: waiting for {path}.", note));
        }

        Assert.All(await Task.WhenAll(others), fingerprint => Assert.Equal(expected, fingerprint));
        Assert.Single(Notes(), note => note.StartsWith("The rendered data are kept", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_asked_of_the_data_changes_the_name()
    {
        Load();
        Load(change: data => data with { NegativeLoss = NegativeLoss.UntilLast });
        Load(change: data => data with { Method = TrainingMethod.Nut });
        Load(rendering: new RenderingOptions { MaxLength = 200 });
        Load(text: _text with { ChatTemplate = new(_text.ChatTemplate!.Default + "{# other #}") });
        _folder.Write("negative.jsonl", Rows(41));
        Load();
        Assert.Equal(6, Directory.GetFiles(Cache, "*.rendered").Length);

        _folder.Write("negative.jsonl", Rows(40));
        Load();
        Assert.Equal(6, Directory.GetFiles(Cache, "*.rendered").Length);
    }

    [Fact]
    public void What_was_found_beside_the_documents_is_found_again()
    {
        _folder.Write("negative.jsonl", $"{Rows(3)}\n{{\"id\": 9}}\nnothing\n{{\"id\": 10, \"conversations\": [], \"info\": {{\"reward\": 0}}}}");
        var asked = (DatasetOptions data) => data with { SkipBadRows = true };
        var rendering = new RenderingOptions { MaxLength = 65 };
        var told = new[] { Load(asked, rendering), Load(asked, rendering), Load(asked, rendering, isOn: false) }.Select(data => (
            string.Join('\n', data.Dataset.BadRows.First.Select(row => row.Message)), data.Dataset.BadRows.ToException().Message,
            data.Dataset.BadRows.Good, data.Dataset.EmptyTrajectories.Count, data.Dataset.HasOutcomes, data.Dataset.Agent.System,
            data.Limit.Exceeding, data.Limit.Longest, MaskLeftOut.Of(data.Limit, data.Dataset))).ToArray();

        Assert.Equal(2, Load(asked, rendering).Dataset.BadRows.Count);
        Assert.True(told[0].Exceeding > 0, $"the longest has {told[0].Longest} tokens");
        Assert.Equal(told[2], told[0]);
        Assert.Equal(told[2], told[1]);
    }

    [Fact]
    public void Data_that_render_in_a_moment_are_not_kept_unless_a_folder_is_given()
    {
        var cache = DataCache.Of(new DataCacheOptions(), _folder.File("out"), _notes.Add);
        RenderedData.Load(Data, new RenderingOptions(), _text, cache, TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(_folder.File(DataCacheOptions.DefaultName)));
        Assert.Null(DataCache.Of(new DataCacheOptions { IsOn = false }, _folder.File("out"), _notes.Add));
    }

    [Fact]
    public void Where_nothing_can_be_written_the_data_stay_in_memory()
    {
        _folder.Write("cache", "a file");
        Assert.Equal(80, Load().Dataset.Documents.Count);
        Assert.StartsWith($"The rendered data stay in memory, as they cannot be kept in {Cache}: ", Assert.Single(_notes));
    }

    private DatasetOptions Data => new() { ScoredPaths = [_folder.File("negative.jsonl")] };

    private static string Rows(int count) => string.Join('\n', Enumerable.Range(0, 2 * count).Select(row => $$"""
        {"id": "é{{row / 2}}", "conversations": [{"role": "user", "content": "What is {{row / 2}}?"},
        {"role": "assistant", "content": "Answer {{row * 7}}"}, {"role": "user", "content": "Sure?"},
        {"role": "assistant", "content": "{{(row % 2 == 0 ? "Yes" : "No, no")}}"}], "info": {"reward": {{1 - (row % 2)}} } }
        """.ReplaceLineEndings(" ")));

    private static string Fingerprint(RenderedData data) => RunIdentity.Fingerprint(data.Dataset.Documents);

    private string[] Notes()
    {
        lock (_notes)
        {
            return [.. _notes];
        }
    }

    private void Note(string note)
    {
        lock (_notes)
        {
            _notes.Add(note);
        }
    }

    private RenderedData Load(
        Func<DatasetOptions, DatasetOptions>? change = null, RenderingOptions? rendering = null, TextSource? text = null, bool isOn = true)
    {
        var cache = DataCache.Of(new DataCacheOptions { Folder = Cache, IsOn = isOn }, _folder.File("out"), Note);
        return RenderedData.Load(
            change?.Invoke(Data) ?? Data, rendering ?? new RenderingOptions(), text ?? _text, cache, TestContext.Current.CancellationToken);
    }

    /// <summary>The identity, plan, mask and step losses of a short run.</summary>
    private string Facts(TrainingMethod method, DataCacheOptions cache, string output)
    {
        using var backend = new CpuBackend(1);
        using var model = StartingModel.Open(_text.Location!);
        var options = new RunOptions
        {
            OutputFolder = _folder.File(output),
            Data = Data with { Method = method },
            DataCache = cache,
            HeldOut = new() { Amount = new HeldOutAmount(3) },
            Training = new TrainingOptions { MaxSteps = 2, BatchSize = 2, LearningRate = 1e-3 },
            Checkpoints = new() { Schedule = new StepSchedule(StepStrategy.Steps, 2) },
            TriesLargestBatch = false,
        };
        var run = TrainingRun.Prepare(
            options, model, new RunHost(backend) { Observer = new NoteTaker(Note) }, TestContext.Current.CancellationToken);
        var result = run.Train(TestContext.Current.CancellationToken);
        var state = TrainerState.Read(result.Saved!);
        var card = System.IO.File.ReadAllText(Path.Combine(options.OutputFolder, "rebound.json"));
        return string.Join('\n', [
            .. state.Run.Select(value => $"{value.Key}: {value.Value}"),
            run.Plan.LossMask.ToJson().ToJsonString(),
            $"{run.Plan.Steps.TotalTokens} {run.Plan.Steps.LargestBatch} {run.Plan.Steps.TotalBatches}",
            .. result.Steps.Select(step => $"{step.Loss:R} {step.GradientNorm:R}"),
            $"{result.Best?.Loss:R}",
            card,
        ]);
    }

    private sealed class NoteTaker(Action<string> note) : ITrainingObserver
    {
        public void Note(string text) => note(text);
    }
}
