using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Inference.Generation;
using Rebound.Inference.Scheduling;
using Rebound.Inference.Serving;
using Rebound.Server;

namespace Rebound.Bench;

/// <summary>
/// What serving costs: answers of the engine alone, and the same ones streamed over HTTP on this machine, in turns, with the processor's
/// time of both, client included.
/// </summary>
internal static class ServeBench
{
    public static int Run(string[] arguments)
    {
        if (arguments is not [var model, .. var options])
        {
            Console.Error.WriteLine("usage: Rebound.Bench serve MODEL [--streams N] [--tokens N] [--rounds N] [--device cpu|cuda]");
            return 2;
        }

        int Number(string name, int value) =>
            Arguments.Option(options, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : value;
        using Backend backend = Arguments.Option(options, "--device") == "cuda" ? new CudaBackend() : new CpuBackend();
        RunAsync(model, backend, Number("--streams", 32), Number("--tokens", 32), Number("--rounds", 3)).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task RunAsync(string path, Backend backend, int streams, int tokens, int rounds)
    {
        using var models = ServedModels.Load(path, [], backend, new ServedModelsOptions { MaxSequences = streams });
        await using var server = await ModelServer.StartAsync(new ServerOptions { Port = 0 });
        server.Serve(models);
        using var http = new HttpClient { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan };
        int[][] prompts = [.. Enumerable.Range(0, streams).Select(index => Enumerable.Range(0, 24).Select(place => 100 + index + (7 * place)).ToArray())];
        Console.WriteLine($"{models.DefaultName} on {backend.Description}: {streams} streams of {tokens} tokens");
        var (alone, served) = (new Side("the engine alone"), new Side("over HTTP"));
        for (var round = -1; round < rounds; round++)
        {
            foreach (var (side, work) in new (Side, Func<int[], Task>)[]
            {
                (alone, prompt => GenerateAsync(models.Engine, prompt, tokens)), (served, prompt => StreamAsync(http, prompt, tokens)),
            })
            {
                var (watch, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
                await Task.WhenAll(prompts.Select(work));
                if (round >= 0)
                {
                    side.Add(watch.Elapsed, Process.GetCurrentProcess().TotalProcessorTime - before);
                }
            }
        }

        foreach (var side in new[] { alone, served })
        {
            Console.WriteLine(side.Line(streams * tokens, alone));
        }
    }

    private static async Task GenerateAsync(EngineLoop engine, int[] prompt, int tokens)
    {
        var request = new GenerationRequest(prompt, null, new GenerationOptions { MaxNewTokens = tokens }, CancellationToken.None);
        engine.Submit(request);
        await foreach (var _ in request.EventsAsync())
        {
        }
    }

    private static async Task StreamAsync(HttpClient http, int[] prompt, int tokens)
    {
        var body = new JsonObject
        {
            ["prompt"] = new JsonArray([.. prompt.Select(token => JsonValue.Create(token))]),
            ["max_tokens"] = tokens,
            ["temperature"] = 0,
            ["ignore_eos"] = true,
            ["stream"] = true,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8) };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }

    private sealed class Side(string name)
    {
        private readonly List<(double Seconds, double Processor)> _runs = [];

        private double Seconds => _runs.Select(run => run.Seconds).Order().ElementAt(_runs.Count / 2);

        private double Processor => _runs.Select(run => run.Processor).Order().ElementAt(_runs.Count / 2);

        public void Add(TimeSpan elapsed, TimeSpan processor) => _runs.Add((elapsed.TotalSeconds, processor.TotalSeconds));

        /// <summary>Medians of the runs.</summary>
        public string Line(int tokens, Side beside) =>
            $"  {name,-18} {tokens / Seconds,9:0.0} tokens/s ({Seconds / beside.Seconds:0.000} of the time), processor "
            + $"{1e6 * Processor / tokens,8:0} µs a token ({Processor / beside.Processor:0.000})";
    }
}
