using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Inference.Generation;
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
        using var batch = new GenerationBatch(model, null, maxSequences: 2, cacheTokens: 512);
        var prompt = TinyModel.Tokens(150, 1);

        var answer = Run(batch, prompt, stream: 1);
        int[] next = [.. prompt, .. answer, .. TinyModel.Tokens(30, 2)];
        var second = Run(batch, next, stream: 2);

        Assert.Equal(2 * PageTokens, batch.ReusedTokens);
        Assert.Equal(Alone(model, prompt, stream: 1), answer);
        Assert.Equal(Alone(model, next, stream: 2), second);
    }

    [Fact]
    public void What_many_prompts_begin_with_is_computed_once_though_they_join_together()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend, "llama", 0);
        using var batch = new GenerationBatch(model, null, maxSequences: 8, cacheTokens: 2048);
        var shared = TinyModel.Tokens(130, 1);
        var prompts = Enumerable.Range(2, 5).Select(seed => shared.Concat(TinyModel.Tokens(20 * seed, seed)).ToArray()).ToArray();
        var numbers = prompts.Select((prompt, stream) => batch.Add(prompt, Options(), (ulong)stream)).ToArray();
        var guided = batch.Add(prompts[0], Options(), 9, new Guidance(prompts[1], 0));

        var answers = numbers.Append(guided).ToDictionary(number => number, _ => new List<int>());
        Drain(batch, answers);

        Assert.True(batch.ReusedTokens >= (4 + 2) * 2 * PageTokens, $"{batch.ReusedTokens} tokens were reused.");
        Assert.All(prompts.Index(), prompt => Assert.Equal(Alone(model, prompt.Item, (ulong)prompt.Index), answers[numbers[prompt.Index]]));
        Assert.Equal(Alone(model, prompts[0], 9), answers[guided]);
    }

    [Fact]
    public void Conversations_go_the_same_way_where_the_cache_is_too_small_for_what_it_remembers()
    {
        using var backend = new CpuBackend(1);
        using var model = Model(backend, "llama", 0);
        using var batch = new GenerationBatch(model, null, maxSequences: 3, cacheTokens: 6 * PageTokens);
        var random = new Random(7);
        var shared = TinyModel.Tokens(PageTokens + 9, 1);
        var conversations = Enumerable.Range(0, 6).Select(_ => new List<int>(shared)).ToArray();
        for (var turn = 0; turn < 3; turn++)
        {
            var numbers = new Dictionary<int, List<int>>();
            foreach (var conversation in conversations)
            {
                conversation.AddRange(TinyModel.Tokens(random.Next(1, 40), random.Next()));
                numbers[batch.Add([.. conversation], Options(8), (ulong)turn)] = conversation;
            }

            var before = numbers.ToDictionary(number => number.Key, number => number.Value.ToArray());
            var answers = numbers.ToDictionary(number => number.Key, _ => new List<int>());
            Drain(batch, answers);
            foreach (var (number, answer) in answers)
            {
                Assert.Equal(Alone(model, before[number], (ulong)turn, 8), answer);
                numbers[number].AddRange(answer);
            }
        }

        Assert.True(batch.ReusedTokens > 0);
    }

    [Fact]
    public void Every_page_has_one_content_and_comes_back()
    {
        const int pages = 24;
        var allocator = new PageAllocator(pages);
        var cache = new PrefixCache(allocator, fewestComputed: 3, mostUnread: 9);
        var random = new Random(8);
        var held = new List<CachedTokens>();
        var contents = new Dictionary<int, int[]>();
        for (var i = 0; i < 3000; i++)
        {
            if (held.Count > 0 && random.Next(2) == 0)
            {
                var leaving = held[random.Next(held.Count)];
                held.Remove(leaving);
                cache.Release(leaving);
                continue;
            }

            // Few different pages, so that many prompts begin alike.
            var prompt = Enumerable.Range(0, random.Next(5)).SelectMany(_ => Enumerable.Repeat(random.Next(3), PageTokens)).Append(7).ToArray();
            var row = new CachedTokens(prompt, random.Next(90));
            if (!cache.TryAdmit([row]))
            {
                Assert.Empty(row.Pages);
                continue;
            }

            Assert.True(row.Reused <= Math.Max(0, prompt.Length - 3));
            Assert.Equal(row.PagesNeeded, row.Pages.Length);
            Assert.All(Enumerable.Range(0, row.Reused / PageTokens), page => Assert.Equal(Content(row, page), contents[row.Pages[page]]));
            for (var page = row.Reused / PageTokens; page < row.Pages.Length; page++)
            {
                Assert.DoesNotContain(held, other => other.Pages.Contains(row.Pages[page]));
                contents[row.Pages[page]] = Content(row, page);
            }

            cache.Remember(row);
            held.Add(row);
            Assert.All(held, other => Assert.All(Enumerable.Range(0, other.PromptLength / PageTokens), page => Assert.Equal(Content(other, page), contents[other.Pages[page]])));
        }

        held.ForEach(cache.Release);
        Assert.InRange(allocator.Free, pages - 9, pages);
        Assert.True(cache.TryAdmit([new CachedTokens(TinyModel.Tokens(pages * PageTokens, 3), 0)]));
    }

    /// <summary>The tokens of one of a row's pages as far as they belong to its prompt.</summary>
    private static int[] Content(CachedTokens row, int page) =>
        row.Tokens[Math.Min(row.Length, page * PageTokens)..Math.Min(row.Length, (page + 1) * PageTokens)].ToArray();

    private static GenerationOptions Options(int tokens = 12) => new() { MaxNewTokens = tokens, Sampling = Sampled };

    private static LlamaModel Model(Backend backend, string type, int window) => LlamaModel.Initialize(
        backend, TinyModel.Config(type, json => json["sliding_window"] = window > 0 ? JsonValue.Create(window) : null), seed: 4);

    private static List<int> Alone(LlamaModel model, int[] prompt, ulong stream, int tokens = 12)
    {
        using var batch = new GenerationBatch(model, null, maxSequences: 1, cacheTokens: 512);
        return Run(batch, prompt, stream, tokens);
    }

    private static List<int> Run(GenerationBatch batch, int[] prompt, ulong stream, int tokens = 12)
    {
        var answers = new Dictionary<int, List<int>> { [batch.Add(prompt, Options(tokens), stream)] = [] };
        Drain(batch, answers);
        return answers.Values.Single();
    }

    private static void Drain(GenerationBatch batch, Dictionary<int, List<int>> answers)
    {
        while (batch.Count > 0)
        {
            foreach (var step in batch.Step())
            {
                answers[step.Sequence].Add(step.Token);
            }
        }
    }
}
