using System.Diagnostics;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Rebound.Bench.TorchSharp;

/// <summary>Forward, backward, clipping and AdamW on packed documents, every token supervised.</summary>
internal static class TrainingSteps
{
    /// <summary>The peer's name and the seconds of each step after one to warm up, as JSON.</summary>
    public static string Measure(LlamaShape shape, int tokens, int steps, int threads)
    {
        set_num_threads(threads);
        random.manual_seed(0);
        using var model = new Llama(shape);
        using var optimizer = optim.AdamW(model.parameters(), 1e-5, 0.9, 0.95, weight_decay: 0.1);
        using var ids = randint(0, shape.Vocabulary, [tokens / shape.Document, shape.Document]);
        var (seconds, last) = (new List<double>(), 0f);
        for (var step = 0; step <= steps; step++)
        {
            using var scope = NewDisposeScope();
            var start = Stopwatch.GetTimestamp();
            var logits = model.forward(ids)[.., ..^1];
            var loss = nn.functional.cross_entropy(logits.reshape(-1, shape.Vocabulary), ids[.., 1..].reshape(-1));
            loss.backward();
            nn.utils.clip_grad_norm_(model.parameters(), 1.0);
            optimizer.step();
            optimizer.zero_grad();
            if (step > 0)
            {
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            last = loss.item<float>();
        }

        var version = typeof(torch).Assembly.GetName().Version!.ToString(3);
        return JsonSerializer.Serialize(new { peer = $"TorchSharp {version}, libtorch {torch.__version__}", loss = last, seconds });
    }
}
