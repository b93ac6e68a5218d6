using Rebound.Engine;
using Rebound.Engine.Cpu;
using Rebound.Inference.Generation;
using Rebound.Models;
using Rebound.Text;

namespace Rebound.Inference.Tests;

/// <summary>A request of a random schedule.</summary>
internal sealed record ScheduledRequest(int[] Prompt, GenerationOptions Options, ulong Stream, Guidance? Guidance, int Arrival, int? Cancelled);

/// <summary>What a request comes to by itself: every token from a forward pass over all tokens before it, without cache or scheduler.</summary>
internal static class ScheduleReference
{
    public static GenerationResult Generate(LlamaModel model, Tokenizer tokenizer, ScheduledRequest request)
    {
        var (options, sampler) = (request.Options, new Sampler(model.Config.VocabularySize));
        var random = new CounterRandom(options.Sampling.Seed, request.Stream);
        var tokens = new List<int>();
        var longest = Math.Max(request.Prompt.Length, request.Guidance?.Opposite.Length ?? 0);
        while (true)
        {
            var logits = Logits(model, [.. request.Prompt, .. tokens]);
            if (request.Guidance is { } guidance)
            {
                logits = [.. logits, .. Logits(model, [.. guidance.Opposite, .. tokens])];
            }

            var token = sampler.Choose(logits, new SamplingRow
            {
                Temperature = options.Sampling.Temperature,
                TopK = options.Sampling.TopK,
                TopP = options.Sampling.TopP,
                MinP = options.Sampling.MinP,
                Uniform = random.Uniform((ulong)tokens.Count),
                Guidance = request.Guidance?.Weight,
                Edits = Penalties(options.Sampling.RepetitionPenalty, [.. request.Prompt, .. tokens]),
            });
            if (options.StopTokenIds.Contains(token))
            {
                return new GenerationResult([.. tokens, token], tokenizer.Decode([.. tokens]), FinishReason.StopToken);
            }

            tokens.Add(token);
            var text = tokenizer.Decode([.. tokens]);
            var stop = options.StopStrings.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0).Order().ToArray();
            if (stop.Length > 0)
            {
                return new GenerationResult([.. tokens], text[..stop[0]], FinishReason.StopString);
            }

            if (longest + tokens.Count > model.Config.ContextLength || tokens.Count == options.MaxNewTokens)
            {
                var reason = longest + options.MaxNewTokens > model.Config.ContextLength + 1 ? FinishReason.ContextFull : FinishReason.MaxNewTokens;
                return new GenerationResult([.. tokens], text, reason);
            }
        }
    }

    private static LogitEdit[] Penalties(float penalty, int[] history) =>
        [.. history.Distinct().Select(token => new LogitEdit(token, 0, penalty, 0))];

    private static float[] Logits(LlamaModel model, int[] tokens)
    {
        var logits = new float[model.Config.VocabularySize];
        model.Logits(new PackedBatch(tokens, [0, tokens.Length]), [tokens.Length - 1], logits);
        return logits;
    }
}
