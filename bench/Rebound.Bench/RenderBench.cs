using System.Diagnostics;
using Rebound.Checkpoints;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Bench;

/// <summary>
/// How fast trajectories become documents: reading, composing, rendering and tokenizing all of them. The first pass is the
/// one that a command pays for, with nothing compiled and no word cached; the later ones, each with a tokenizer of its own,
/// tell what the just-in-time compiler costs.
/// </summary>
internal static class RenderBench
{
    private const int Passes = 5;
    private const string Usage =
        "usage: Rebound.Bench render MODEL --renderer chat-template|llama-2 --pos-path FILE --neg-path FILE --question-path FILE "
        + "--prompt-path FILE --template NAME";

    public static int Run(string[] arguments)
    {
        if (arguments is not [{ } model, .. var options] || Arguments.Option(options, "--pos-path") is null)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        var started = DateTime.Now - Process.GetCurrentProcess().StartTime;
        var renderer = Arguments.Option(options, "--renderer") ?? ChatTemplateRenderer.RendererName;
        var data = new DatasetOptions
        {
            PositivePath = Arguments.Option(options, "--pos-path"),
            NegativePath = Arguments.Option(options, "--neg-path"),
            QuestionPath = Arguments.Option(options, "--question-path"),
            PromptPath = Arguments.Option(options, "--prompt-path"),
            Template = Arguments.Option(options, "--template"),
        };
        var cold = Render(model, renderer, data, out var documents);
        var warm = Enumerable.Range(0, Passes).Select(_ => Render(model, renderer, data, out documents)).ToArray();
        Console.WriteLine(
            $"{renderer}: {documents.Count:N0} documents, {documents.Sum(document => (long)document.Tokens.Length):N0} tokens, "
            + $"the process was {started.TotalSeconds:F2} s old");
        Console.WriteLine($"{"",-22} {"first s",8} {"CPU s",8}   {"warm s",8} {"CPU s",8}");
        Report("load the tokenizer", cold.Load, [.. warm.Select(pass => pass.Load)]);
        Report("render", cold.Render, [.. warm.Select(pass => pass.Render)]);
        return 0;
    }

    private static Pass Render(string model, string renderer, DatasetOptions data, out IReadOnlyList<TokenizedDocument> documents)
    {
        GC.Collect();
        TokenizerSource? source = null;
        var load = Measure(() => _ = (source = TokenizerSource.Open(model)).Tokenizer);
        IReadOnlyList<TokenizedDocument> rendered = [];
        var render = Measure(() =>
        {
            var bos = source!.SpecialToken(TokenizerSource.BosTokenKey, id: null);
            var eos = source.SpecialToken(TokenizerSource.EosTokenKey, id: null);
            var conversations = Renderers.Create(renderer, source.Tokenizer, source.ChatTemplate, bos, eos);
            var limit = new LengthLimit(int.MaxValue, ExcessLength.Truncate);
            rendered = Dataset.LoadAsync(data, conversations, limit).GetAwaiter().GetResult().Documents;
        });
        documents = rendered;
        return new Pass(load, render);
    }

    private static Elapsed Measure(Action work)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        work();
        return new Elapsed(watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    private static void Report(string name, Elapsed first, Elapsed[] warm) => Console.WriteLine(
        $"{name,-22} {first.Wall,8:F2} {first.Processor,8:F2}   {Median(warm, e => e.Wall),8:F2} {Median(warm, e => e.Processor),8:F2}");

    private static double Median(Elapsed[] passes, Func<Elapsed, double> value) => passes.Select(value).Order().ElementAt(Passes / 2);

    /// <summary>Seconds by the wall clock, and of all threads of the process.</summary>
    private readonly record struct Elapsed(double Wall, double Processor);

    private readonly record struct Pass(Elapsed Load, Elapsed Render);
}
