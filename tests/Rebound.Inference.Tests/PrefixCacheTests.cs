using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;
using Rebound.Models.Layers;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class PrefixCacheTests
{
    private const int PageTokens = PageTable.PageTokens;
    private static readonly SamplingOptions Sampled = new() { Temperature = 1, Seed = 5 };

    [Theory]
    [InlineData("llama", 0)]
    [InlineData("mistral", 50)]
    [InlineData("qwen2", 0)]
    [InlineData("qwen3", 0)]
    public void A_prompt_after_a_remembered_beginning_has_the_logits_of_the_whole_one_to_the_bit(string type, int window)
    {
        using var backend = new CpuBackend(2);
        using var model = Model(backend, type, window);
        var steady = backend.BatchInvariantRows!.Value;
        foreach (var length in new[] { PageTokens + steady, (2 * PageTokens) + 40, 3 * PageTokens })
        {
            var start = (length - steady) / PageTokens * PageTokens;
            int[] tokens = TinyModel.Tokens(length, length), rows = [.. Enumerable.Range(0, length - start)];
            var (whole, rest) = (new float[rows.Length * TinyModel.Vocabulary], new float[rows.Length * TinyModel.Vocabulary]);
            model.Logits(new PackedBatch(tokens, [0, length]), [.. rows.Select(row => start + row)], whole);

            using var cache = new KeyValueCache(backend, model.Config, pages: 4);
            var table = new PageTable([[3, 0, 2]]);
            model.Logits(
                new PackedBatch(tokens.AsSpan(0, start), [0, start]), [start - 1], new float[TinyModel.Vocabulary],
                new KeyValueCacheView(cache.Layers, table, BatchIsWhole: true));
            model.Logits(
                new PackedBatch(tokens.AsSpan(start), [0, length - start], firstPositions: [start]), rows, rest,
                new KeyValueCacheView(cache.Layers, table, BatchIsWhole: false));

            Assert.Equal(whole, rest);
        }
    }

    [Fact]
    public void The_next_turn_reads_what_the_turn_before_computed()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend, "llama", 0);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 2, CacheTokens = 512 });
        var prompt = TinyModel.Tokens(150, 1);

        var answer = Run(scheduler, prompt, stream: 1);
        int[] next = [.. prompt, .. answer, .. TinyModel.Tokens(30, 2)];
        var second = Run(scheduler, next, stream: 2);

        Assert.Equal(2 * PageTokens, scheduler.ReusedTokens);
        Assert.Equal(Alone(model, prompt, stream: 1), answer);
        Assert.Equal(Alone(model, next, stream: 2), second);
    }

    [Fact]
    public void What_many_prompts_begin_with_is_computed_once_though_they_join_together()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend, "llama", 0);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 8, CacheTokens = 2048 });
        var shared = TinyModel.Tokens(130, 1);
        var prompts = Enumerable.Range(2, 5).Select(seed => shared.Concat(TinyModel.Tokens(20 * seed, seed)).ToArray()).ToArray();
        var numbers = prompts.Select((prompt, stream) => scheduler.Add(prompt, Options(), (ulong)stream)).ToArray();
        var guided = scheduler.Add(prompts[0], Options(), 9, new Guidance(prompts[1], 0));

        var answers = numbers.Append(guided).ToDictionary(number => number, _ => new List<int>());
        Drain(scheduler, answers);

        Assert.True(scheduler.ReusedTokens >= (4 + 2) * 2 * PageTokens, $"{scheduler.ReusedTokens} tokens were reused.");
        Assert.All(prompts.Index(), prompt => Assert.Equal(Alone(model, prompt.Item, (ulong)prompt.Index), answers[numbers[prompt.Index]]));
        Assert.Equal(Alone(model, prompts[0], 9), answers[guided]);
    }

    [Fact]
    public void Conversations_go_the_same_way_where_the_cache_is_too_small_for_what_it_remembers()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend, "llama", 0);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 3, CacheTokens = 6 * PageTokens });
        var random = new Random(7);
        var shared = TinyModel.Tokens(PageTokens + 9, 1);
        var conversations = Enumerable.Range(0, 6).Select(_ => new List<int>(shared)).ToArray();
        for (var turn = 0; turn < 3; turn++)
        {
            var numbers = new Dictionary<int, List<int>>();
            foreach (var conversation in conversations)
            {
                conversation.AddRange(TinyModel.Tokens(random.Next(1, 40), random.Next()));
                numbers[scheduler.Add([.. conversation], Options(8), (ulong)turn)] = conversation;
            }

            var before = numbers.ToDictionary(number => number.Key, number => number.Value.ToArray());
            var answers = numbers.ToDictionary(number => number.Key, _ => new List<int>());
            Drain(scheduler, answers);
            foreach (var (number, answer) in answers)
            {
                Assert.Equal(Alone(model, before[number], (ulong)turn, 8), answer);
                numbers[number].AddRange(answer);
            }
        }

        Assert.True(scheduler.ReusedTokens > 0);
    }

    [Fact]
    public void Every_page_has_one_content_and_comes_back()
    {
        const int pages = 24;
        var pool = new PagePool(pages);
        var cache = new PrefixCache(pool);
        var random = new Random(8);
        var held = new List<(BlockTable Blocks, int[] Tokens)>();
        var contents = new Dictionary<int, (ModelVersion Version, int[] Tokens)>();
        for (var i = 0; i < 3000; i++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                var leaving = held[random.Next(held.Count)];
                held.Remove(leaving);
                cache.Release(leaving.Blocks);
                continue;
            }

            // Few different pages, so that many begin alike, under one of two weights.
            var version = new ModelVersion(random.Next(2), 0);
            int[] tokens = [.. Enumerable.Range(0, random.Next(1, 6)).SelectMany(_ => Enumerable.Repeat(random.Next(3), PageTokens))];
            var matched = cache.Match(version, tokens);
            var missing = (tokens.Length / PageTokens) - matched.Count;
            if (missing > cache.AvailableBeside(matched))
            {
                continue;
            }

            var blocks = new BlockTable();
            cache.Share(blocks, matched);
            for (var page = 0; page < tokens.Length / PageTokens; page++)
            {
                var beginning = tokens[..((page + 1) * PageTokens)];
                if (page < matched.Count)
                {
                    Assert.Equal(version, contents[blocks.Pages[page]].Version);
                    Assert.Equal(beginning, contents[blocks.Pages[page]].Tokens);
                    continue;
                }

                blocks.Append(cache.Take());
                Assert.DoesNotContain(held, other => other.Blocks.Pages.Contains(blocks.Pages[page]));
                contents[blocks.Pages[page]] = (version, beginning);
            }

            // Some leave before they are computed to their end.
            cache.Insert(version, tokens.AsMemory(0, random.Next(tokens.Length + 1)), blocks);
            held.Add((blocks, tokens));
            Assert.Equal(tokens.Length / PageTokens, blocks.Pages.Count);
        }

        held.ForEach(entry => cache.Release(entry.Blocks));
        Assert.Equal(pages, cache.Available);
        Assert.True(pool.Free < pages);
        Assert.Equal(Enumerable.Range(0, pages), Enumerable.Range(0, pages).Select(_ => cache.Take()).Order());
    }

    [Fact]
    public void What_other_weights_computed_is_never_read()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend, "llama", 0);
        using var others = LlamaModel.Initialize(backend, model.Config, seed: 5);
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 2, CacheTokens = 1024 });
        var (prompt, greedy) = (TinyModel.Tokens(150, 1), new GenerationOptions { MaxNewTokens = 12 });
        Run(scheduler, prompt, stream: 1);
        var number = scheduler.Add(prompt, greedy);
        var first = scheduler.Step().Single().Token;
        var reused = scheduler.ReusedTokens;

        model.Weights.Load(others.Weights);
        var answers = new Dictionary<int, List<int>> { [number] = [] };
        Drain(scheduler, answers);
        var after = Run(scheduler, prompt, stream: 1);

        Assert.Equal(Generator.Greedy(others, [.. prompt, first], 11), answers[number]);
        Assert.Equal(Alone(others, prompt, stream: 1), after);
        Assert.Equal(reused + (2 * PageTokens), scheduler.ReusedTokens);
    }

    private static GenerationOptions Options(int tokens = 12) => new() { MaxNewTokens = tokens, Sampling = Sampled };

    private static LlamaModel Model(Backend backend, string type, int window) => LlamaModel.Initialize(
        backend, TinyModel.Config(type, json => json["sliding_window"] = window > 0 ? JsonValue.Create(window) : null), seed: 4);

    private static List<int> Alone(LlamaModel model, int[] prompt, ulong stream, int tokens = 12)
    {
        using var scheduler = new Scheduler(model, null, new SchedulerOptions { MaxSequences = 1, CacheTokens = 512 });
        return Run(scheduler, prompt, stream, tokens);
    }

    private static List<int> Run(Scheduler scheduler, int[] prompt, ulong stream, int tokens = 12)
    {
        var answers = new Dictionary<int, List<int>> { [scheduler.Add(prompt, Options(tokens), stream)] = [] };
        Drain(scheduler, answers);
        return answers.Values.Single();
    }

    private static void Drain(Scheduler scheduler, Dictionary<int, List<int>> answers)
    {
        foreach (var step in scheduler.ToEnd())
        {
            answers[step.Sequence].Add(step.Token);
        }
    }
}
