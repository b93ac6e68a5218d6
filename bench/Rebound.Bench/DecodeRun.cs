using System.Diagnostics;
using System.Numerics.Tensors;
using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Models;

namespace Rebound.Bench;

/// <summary>Generation of a model through its scheduler, timed; the tokens of prompts are random.</summary>
internal sealed class DecodeRun(LlamaModel model, int promptTokens)
{
    private const int WarmUpTokens = 8;
    private const int FewestNewTokens = 100;
    private const int MostNewTokens = 200;

    private readonly Random _random = new(1);

    /// <summary>
    /// Decoding alone: steps after every prompt was read, each of which gives each sequence a token.
    /// </summary>
    /// <param name="afterwards">Is given a step to repeat when the time is known; it ends before the sequences do.</param>
    /// <param name="stepsAfterwards">How often it may.</param>
    public DecodeTime Decode(int batch, float temperature, int steps, Action<Action> afterwards, int stepsAfterwards)
    {
        // The first sequences decode while the last prompts are read, a quarter of a step's tokens at a time at the least.
        var reading = 1 + (4 * batch * promptTokens / (model.Backend.IsHostMemory ? 512 : 2048));
        var newTokens = reading + WarmUpTokens + steps + stepsAfterwards + 8;
        using var scheduler = Open(batch, promptTokens + newTokens);
        for (var sequence = 0; sequence < batch; sequence++)
        {
            Add(scheduler, sequence, newTokens, temperature);
        }

        var written = new int[batch];
        while (written.Min() < WarmUpTokens)
        {
            Step();
        }

        var (before, start) = (written.Sum(), Stopwatch.GetTimestamp());
        for (var step = 0; step < steps; step++)
        {
            Step();
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (tokens, cached) = (written.Sum() - before, (batch * promptTokens) + ((before + written.Sum()) / 2.0));
        afterwards(Step);
        return new DecodeTime(tokens, seconds, seconds / steps, cached);

        void Step()
        {
            foreach (var chosen in scheduler.Step())
            {
                written[chosen.Sequence]++;
            }
        }
    }

    /// <summary>Seconds from the first step to the first token of the last of so many prompts.</summary>
    public double Prefill(int prompts)
    {
        using var scheduler = Open(prompts, promptTokens + 1);
        for (var sequence = 0; sequence < prompts; sequence++)
        {
            Add(scheduler, sequence, newTokens: 1, temperature: 0);
        }

        var start = Stopwatch.GetTimestamp();
        return Finish(scheduler) == prompts
            ? Stopwatch.GetElapsedTime(start).TotalSeconds
            : throw new InvalidOperationException("Not every prompt came to a token.");
    }

    /// <summary>Many requests at once, from the first step to the last token; each wants another number of tokens.</summary>
    public (int Tokens, double Seconds) Schedule(int requests, float temperature)
    {
        using var scheduler = Open(requests, promptTokens + MostNewTokens);
        for (var sequence = 0; sequence < requests; sequence++)
        {
            Add(scheduler, sequence, _random.Next(FewestNewTokens, MostNewTokens + 1), temperature);
        }

        var start = Stopwatch.GetTimestamp();
        return (Finish(scheduler), Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>
    /// Conversations at once as an agent has them, from the first step to the last token: the same instructions, a question, and turns
    /// of different length, each of which is followed by what a tool says.
    /// </summary>
    public (int Tokens, double Seconds) Turns(int conversations, float temperature)
    {
        const int Instructions = 180, Question = 40, ShortestTurn = 10, LongestTurn = 60, Turns = 4;
        using var scheduler = Open(conversations, Instructions + (Turns * (Question + LongestTurn)));
        var instructions = Words(Instructions);
        var asked = new Dictionary<int, List<int>>();
        var turnsLeft = new Dictionary<int, int>();
        for (var conversation = 0; conversation < conversations; conversation++)
        {
            Ask([.. instructions], Turns);
        }

        var (tokens, start) = (0, Stopwatch.GetTimestamp());
        while (scheduler.Count > 0)
        {
            foreach (var drawn in scheduler.Step())
            {
                tokens++;
                asked[drawn.Sequence].Add(drawn.Token);
                if (drawn.Finish is not null && turnsLeft[drawn.Sequence] > 1)
                {
                    Ask(asked[drawn.Sequence], turnsLeft[drawn.Sequence] - 1);
                }
            }
        }

        return (tokens, Stopwatch.GetElapsedTime(start).TotalSeconds);

        void Ask(List<int> soFar, int left)
        {
            soFar.AddRange(Words(Question));
            var options = new GenerationOptions
            {
                MaxNewTokens = _random.Next(ShortestTurn, LongestTurn + 1),
                Sampling = new SamplingOptions { Temperature = temperature },
            };
            var sequence = scheduler.Add([.. soFar], options, (ulong)asked.Count);
            (asked[sequence], turnsLeft[sequence]) = (soFar, left);
        }
    }

    /// <summary>
    /// How far the log-probabilities that come with drawn tokens are from those of one forward over prompts and tokens, as training
    /// computes it: the mean and the largest distance, in nats.
    /// </summary>
    public (double Mean, double Most) Distance()
    {
        const int Sequences = 16, Prompt = 100, Drawn = 64;
        using var scheduler = Open(Sequences, Prompt + Drawn);
        var (tokens, said) = (new List<int>[Sequences], new List<float>[Sequences]);
        for (var sequence = 0; sequence < Sequences; sequence++)
        {
            tokens[sequence] = [.. Words(Prompt)];
            said[sequence] = [];
            var sampling = new SamplingOptions { Temperature = 1 };
            scheduler.Add([.. tokens[sequence]], new GenerationOptions { MaxNewTokens = Drawn, Sampling = sampling }, (ulong)sequence);
        }

        while (scheduler.Count > 0)
        {
            foreach (var drawn in scheduler.Step())
            {
                tokens[drawn.Sequence].Add(drawn.Token);
                said[drawn.Sequence].Add(drawn.LogProbability);
            }
        }

        var logits = new float[Drawn * model.Config.VocabularySize];
        var distances = new List<double>();
        for (var sequence = 0; sequence < Sequences; sequence++)
        {
            var all = tokens[sequence];
            int[] rows = [.. Enumerable.Range(Prompt - 1, Drawn)];
            model.Logits(new PackedBatch(all.ToArray(), [0, all.Count]), rows, logits);
            for (var i = 0; i < Drawn; i++)
            {
                var row = logits.AsSpan(i * model.Config.VocabularySize, model.Config.VocabularySize);
                var largest = (double)TensorPrimitives.Max<float>(row);
                var sum = 0.0;
                foreach (var logit in row)
                {
                    sum += Math.Exp(logit - largest);
                }

                distances.Add(Math.Abs(row[all[Prompt + i]] - largest - Math.Log(sum) - said[sequence][i]));
            }
        }

        return (distances.Average(), distances.Max());
    }

    private int[] Words(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(model.Config.VocabularySize))];

    private Scheduler Open(int sequences, int tokensOfSequence)
    {
        var pages = (tokensOfSequence + PageTable.PageTokens - 1) / PageTable.PageTokens;
        return new Scheduler(
            model, null, new SchedulerOptions { MaxSequences = sequences, CacheTokens = (sequences + 1) * pages * PageTable.PageTokens });
    }

    private void Add(Scheduler scheduler, int sequence, int newTokens, float temperature)
    {
        scheduler.Add(
            Words(promptTokens),
            new GenerationOptions { MaxNewTokens = newTokens, Sampling = new SamplingOptions { Temperature = temperature } },
            (ulong)sequence);
    }

    /// <summary>Steps to the end.</summary>
    /// <returns>The tokens that were written.</returns>
    private static int Finish(Scheduler scheduler)
    {
        var tokens = 0;
        while (scheduler.Count > 0)
        {
            tokens += scheduler.Step().Count;
        }

        return tokens;
    }
}

/// <summary>How long decoding took.</summary>
/// <param name="CachedTokens">Tokens of all sequences whose keys and values a step read, in the mean.</param>
internal sealed record DecodeTime(int Tokens, double Seconds, double StepSeconds, double CachedTokens);
