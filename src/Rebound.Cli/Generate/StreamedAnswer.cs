using System.Diagnostics;
using System.Text.Json.Nodes;
using Rebound.Cli.Models;
using Rebound.Cli.Options;
using Rebound.Files.Messages;
using Rebound.Inference.Generation;
using Rebound.Text;

namespace Rebound.Cli.Generate;

/// <summary>One prompt: its continuation appears as it is generated.</summary>
internal static class StreamedAnswer
{
    public static void Run(CommandContext context, OpenedModel model, int[] prompt, GenerationOptions options)
    {
        var generator = new Generator(model.Weights, model.Source.Tokenizer, maxSequences: 1)
        {
            OnOpened = scheduler => OpenedModel.TellCache(context, scheduler.CacheTokens, scheduler.CacheBytes),
        };
        var json = context.Get(SharedOptions.Json);
        var (tokens, text, finish) = (new List<int>(), new System.Text.StringBuilder(), FinishReason.MaxNewTokens);
        var clock = Stopwatch.StartNew();
        var prefill = TimeSpan.Zero;
        foreach (var step in generator.Stream([prompt], options, context.Interrupted))
        {
            prefill = tokens.Count == 0 ? clock.Elapsed : prefill;
            tokens.Add(step.Token);
            text.Append(step.Text);
            finish = step.Finish ?? finish;
            if (!json)
            {
                context.Terminal.Output.Write(step.Text);
                context.Terminal.Output.Flush();
            }
        }

        if (json)
        {
            context.Terminal.WriteJson(new JsonObject
            {
                ["prompt_ids"] = Ids(prompt),
                ["output_ids"] = Ids(tokens),
                ["output"] = text.ToString(),
                ["finish"] = Reason(finish),
                ["prefill_seconds"] = prefill.TotalSeconds,
                ["seconds"] = clock.Elapsed.TotalSeconds,
            });
        }
        else
        {
            context.Terminal.Output.WriteLine();
        }

        context.Terminal.Note(Summary(prompt.Length, tokens.Count, prefill, clock.Elapsed, finish));
    }

    public static JsonArray Ids(IEnumerable<int> ids) => new([.. ids.Select(id => JsonValue.Create(id))]);

    private static string Summary(int prompt, int generated, TimeSpan prefill, TimeSpan total, FinishReason finish)
    {
        var decode = (total - prefill).TotalSeconds;
        var rate = generated > 1 && decode > 0 ? $" at {(generated - 1) / decode:F1} tokens/s" : "";
        return $"{generated} tokens{rate}, after a prompt of {prompt} in {DurationText.Of(prefill)}; {Explanation(finish)}.";
    }

    private static string Explanation(FinishReason finish) => finish switch
    {
        FinishReason.StopToken => "ended by the model",
        FinishReason.StopString => "ended by a stop string",
        FinishReason.ContextFull => "ended because the model's context is full",
        _ => "ended by --max-new-tokens",
    };

    private static string Reason(FinishReason finish) => finish switch
    {
        FinishReason.StopToken => "stop_token",
        FinishReason.StopString => "stop_string",
        FinishReason.ContextFull => "context_full",
        _ => "max_new_tokens",
    };
}
