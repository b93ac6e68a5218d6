using System.Globalization;
using System.Text;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Testing;
using Rebound.Text;

namespace Rebound.Inference.Tests;

/// <summary>
/// Requests that come, go, share beginnings and run out of pages at random come to what each comes to by itself. The backend
/// computes a row to the same bits in any batch, so that no tie between tokens hides an error or makes one.
/// REBOUND_SCHEDULES says how many schedules are tried.
/// </summary>
public sealed class RandomScheduleTests
{
    private const int PageTokens = PageTable.PageTokens;
    private const int ContextLength = 256;
    private static readonly int[] StepSizes = [1, 70, 200, 600];

    private readonly Tokenizer _tokenizer = LetterTokenizer.Create();
    private long _preemptions;
    private long _reused;
    private int _cancelled;
    private int _scored;

    [Fact]
    public void Any_schedule_gives_every_request_the_tokens_and_the_text_that_it_gets_alone()
    {
        using var backend = new CpuBackend(1, batchInvariant: true);
        TryAll(backend);
    }

    [Fact]
    public void So_does_any_schedule_whose_tokens_come_while_the_next_step_is_computed()
    {
        using var backend = new RecordingBackend(new CpuBackend(1, batchInvariant: true));
        TryAll(backend);
        var (made, runs) = backend.Recordings;
        Assert.True(made > 0 && runs > 2 * made, $"{made} recordings, run {runs} times");
    }

    [Fact]
    public void Schedules_on_a_backend_of_two_orders_of_sums_agree_too()
    {
        using var backend = new CpuBackend(1);
        using var model = LlamaModel.Initialize(backend, TinyModel.Config("qwen3"), seed: 6);
        for (var seed = 0; seed < 8; seed++)
        {
            Try(model, new Random(seed), seed);
        }
    }

    private void TryAll(Backend backend)
    {
        using var model = LlamaModel.Initialize(backend, TinyModel.Config(), seed: 4);
        var schedules = int.Parse(Environment.GetEnvironmentVariable("REBOUND_SCHEDULES") ?? "30", CultureInfo.InvariantCulture);
        for (var seed = 0; seed < schedules; seed++)
        {
            Try(model, new Random(seed), seed);
        }

        Assert.True(_preemptions > schedules / 4, $"{_preemptions} preemptions");
        Assert.True(_reused > 50 * schedules, $"{_reused} tokens reused");
        Assert.True(_cancelled > schedules / 4, $"{_cancelled} cancelled");
        Assert.True(_scored > schedules / 2, $"{_scored} scored");
    }

    private void Try(LlamaModel model, Random random, int seed)
    {
        var requests = Requests(random);
        var pages = requests.Max(request => Pages(request.Prompt, request) + (request.Guidance is { } guidance ? Pages(guidance.Opposite, request) : 0));
        using var scheduler = new Scheduler(model, _tokenizer, new SchedulerOptions
        {
            MaxSequences = random.Next(2, 9),
            StepTokens = StepSizes[random.Next(StepSizes.Length)],
            CacheTokens = (pages + random.Next(3)) * PageTokens,
            DecodesApart = seed % 3 == 0 ? false : null,
        });
        var results = Run(scheduler, requests, seed);
        foreach (var (request, result) in requests.Zip(results))
        {
            var expected = ScheduleReference.Generate(model, _tokenizer, request);
            var isWhole = result.Finish is not null;
            _cancelled += isWhole ? 0 : 1;
            Assert.True(isWhole || request.Cancelled is not null, $"Schedule {seed}: a request did not end.");
            Assert.True(
                expected.Tokens.Take(isWhole ? int.MaxValue : result.Tokens.Count).SequenceEqual(result.Tokens),
                $"Schedule {seed}: [{string.Join(' ', result.Tokens)}] instead of [{string.Join(' ', expected.Tokens)}].");
            Assert.Equal(isWhole ? expected.Text : expected.Text[..Math.Min(expected.Text.Length, result.Text.Length)], result.Text.ToString());
            Assert.Equal(isWhole ? expected.Finish : null, result.Finish);
            if (result.Scores.Count > 0)
            {
                _scored++;
                PromptScoreTests.AssertSame(PromptScoreTests.Reference(model, request.Prompt, 2), result.Scores);
            }

            Assert.Equal(
                request.Options.PromptLikeliestTokens is null || result.Tokens.Count == 0 ? 0 : request.Prompt.Length - 1, result.Scores.Count);
        }

        (_preemptions, _reused) = (_preemptions + scheduler.Preemptions, _reused + scheduler.ReusedTokens);
    }

    private static Result[] Run(Scheduler scheduler, ScheduledRequest[] requests, int seed)
    {
        var results = requests.Select(_ => new Result()).ToArray();
        var numbers = new Dictionary<int, int>();
        for (var step = 0; numbers.Count < requests.Length || scheduler.Count > 0; step++)
        {
            Assert.True(step < 20_000, $"Schedule {seed} does not end.");
            foreach (var (index, request) in requests.Index())
            {
                if (request.Arrival == step)
                {
                    numbers.Add(scheduler.Add(request.Prompt, request.Options, request.Stream, request.Guidance), index);
                }

                if (request.Cancelled == step)
                {
                    scheduler.Cancel(numbers.First(number => number.Value == index).Key);
                }
            }

            foreach (var chosen in scheduler.Step())
            {
                var result = results[numbers[chosen.Sequence]];
                Assert.Null(result.Finish);
                result.Scores.AddRange(chosen.Prompt);
                result.Tokens.Add(chosen.Token);
                result.Text.Append(chosen.Text);
                result.Finish = chosen.Finish;
            }
        }

        return results;
    }

    private static ScheduledRequest[] Requests(Random random)
    {
        // Short prompts with long answers run out of pages together; long prompts wait for each other.
        var grows = random.Next(2) == 0;
        int[][] beginnings = [.. Enumerable.Range(0, 3).Select(_ => Tokens(random, random.Next(2 * PageTokens)))];
        return [.. Enumerable.Range(0, random.Next(3, grows ? 6 : 13)).Select(index =>
        {
            var arrival = random.Next(grows ? 5 : 25);
            return new ScheduledRequest(
                Prompt(), Options(random, grows, isScored: index % 4 == 2), (ulong)index, random.Next(5) == 0 ? new Guidance(Prompt(), 1.5f) : null, arrival,
                random.Next(6) == 0 ? arrival + random.Next(20) : null);
        })];

        int[] Prompt() => grows ? Tokens(random, random.Next(1, 20)) : [.. random.Next(4) == 0 ? Array.Empty<int>() : beginnings[random.Next(3)], .. Tokens(random, random.Next(1, 110))];
    }

    private static GenerationOptions Options(Random random, bool grows, bool isScored) => new()
    {
        PromptLikeliestTokens = isScored ? 2 : null,
        MaxNewTokens = grows ? 130 : random.Next(1, 40),
        StopTokenIds = random.Next(grows ? 9 : 3) == 0 ? [random.Next(TinyModel.Vocabulary)] : [],
        StopStrings = random.Next(grows ? 9 : 3) == 0 ? [$"{(char)('a' + random.Next(26))}A", "bB"] : [],
        Sampling = new SamplingOptions
        {
            Temperature = random.Next(3) == 0 ? 0 : 1,
            TopK = random.Next(3) == 0 ? 20 : 0,
            TopP = random.Next(3) == 0 ? 0.9f : 1,
            RepetitionPenalty = random.Next(3) == 0 ? 1.2f : 1,
            Seed = (ulong)random.Next(100),
        },
    };

    private static int[] Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(TinyModel.Vocabulary))];

    private static int Pages(int[] prompt, ScheduledRequest request) => BlockTable.PagesFor(Math.Min(prompt.Length + request.Options.MaxNewTokens, ContextLength));

    private sealed class Result
    {
        public List<int> Tokens { get; } = [];

        public List<ScoredToken> Scores { get; } = [];

        public StringBuilder Text { get; } = new();

        public FinishReason? Finish { get; set; }
    }
}
