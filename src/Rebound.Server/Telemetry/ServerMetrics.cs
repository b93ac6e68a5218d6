using System.Collections.Concurrent;
using Rebound.Inference.Scheduling;

namespace Rebound.Server.Telemetry;

/// <summary>Counts for dashboards, under vLLM's names (https://docs.vllm.ai/en/latest/usage/metrics.html).</summary>
internal sealed class ServerMetrics
{
    private static readonly double[] StepTokens = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384];

    private readonly ConcurrentDictionary<string, ModelMetrics> _models = new(StringComparer.Ordinal);
    private readonly HistogramCounts _steps = new(StepTokens);

    /// <summary>Counts a step of the engine.</summary>
    /// <param name="tokens">Computed and generated in it.</param>
    public void Step(int tokens) => _steps.Add(tokens);

    /// <summary>Of a model by its own name.</summary>
    public ModelMetrics Of(string model) => _models.GetOrAdd(model, _ => new ModelMetrics());

    /// <param name="default">The model that the engine's own counts are told under.</param>
    public string Write(EngineLoop engine, string @default)
    {
        var text = new PrometheusText();
        Gauge("vllm:num_requests_running", "Answers that are generated.", engine.Running);
        Gauge("vllm:num_requests_waiting", "Answers that wait.", engine.Waiting);
        Gauge("vllm:kv_cache_usage_perc", "Part of the cache of keys and values that answers hold, 1 for all.",
            (double)engine.HeldTokens / engine.CacheTokens);
        Counter("vllm:prefix_cache_queries", "Tokens of prompts that were looked up in the cache.", engine.LookedUpTokens);
        Counter("vllm:prefix_cache_hits", "Tokens of prompts that were found in the cache.", engine.ReusedTokens);
        Counter("vllm:num_preemptions", "Answers that gave their pages back to be computed again.", engine.Preemptions);
        text.Describe("vllm:iteration_tokens_total", "histogram", "Tokens of a step of the engine.");
        _steps.Write(text, "vllm:iteration_tokens_total", @default);
        Counters("vllm:prompt_tokens", "Tokens that were read.", model => model.PromptTokens);
        Counters("vllm:generation_tokens", "Tokens that were generated.", model => model.GeneratedTokens);
        text.Describe("vllm:request_success_total", "counter", "Answers by why they ended.");
        foreach (var (name, model) in _models)
        {
            foreach (var (reason, count) in model.Finished)
            {
                text.Value("vllm:request_success_total", count, ("model_name", name), ("finished_reason", reason));
            }
        }

        Histograms("vllm:time_to_first_token_seconds", "From a request to its first token.", model => model.TimeToFirstToken);
        Histograms("vllm:inter_token_latency_seconds", "Between two tokens of an answer.", model => model.InterTokenLatency);
        Histograms("vllm:e2e_request_latency_seconds", "From a request to its end.", model => model.RequestLatency);
        Histograms("vllm:request_prompt_tokens", "Tokens that a request reads.", model => model.RequestPromptTokens);
        Histograms("vllm:request_generation_tokens", "Tokens of an answer.", model => model.RequestGeneratedTokens);
        return text.ToString();

        void Gauge(string name, string help, double value)
        {
            text.Describe(name, "gauge", help);
            text.Value(name, value, ("model_name", @default));
        }

        void Counter(string name, string help, double value)
        {
            text.Describe($"{name}_total", "counter", help);
            text.Value($"{name}_total", value, ("model_name", @default));
        }

        void Counters(string name, string help, Func<ModelMetrics, long> value)
        {
            text.Describe($"{name}_total", "counter", help);
            foreach (var (model, metrics) in _models)
            {
                text.Value($"{name}_total", value(metrics), ("model_name", model));
            }
        }

        void Histograms(string name, string help, Func<ModelMetrics, HistogramCounts> counts)
        {
            text.Describe(name, "histogram", help);
            foreach (var (model, metrics) in _models)
            {
                counts(metrics).Write(text, name, model);
            }
        }
    }
}
