using System.Globalization;
using Rebound.Bench.LlamaCpp;

// Time to the first token of prompts and the rate of the tokens after it, beside llama.cpp on the same file and threads, in turns.
if (args is not [var path, ..] || args.Length % 2 == 0)
{
    Console.Error.WriteLine(
        "usage: Rebound.Bench.LlamaCpp MODEL.gguf [--threads N] [--rounds N] [--prompt TOKENS] [--tokens N] [--batch N] [--fp32 true]");
    return 2;
}

var (threads, rounds) = (Option("--threads", 2), Option("--rounds", 7));
var (promptTokens, tokens) = (Option("--prompt", 512), Option("--tokens", 48));
var batch = Option("--batch", 1);
var prompts = Enumerable.Range(0, batch).Select(sequence =>
    Enumerable.Range(0, promptTokens).Select(i => 100 + (int)(((i * 7919L) + (sequence * 104729L)) % 40000)).ToArray()).ToArray();
List<ISide> sides =
[
    new ReboundSide(path, threads, stored: true, rounds: true), new LlamaCppSide(path, threads, batch), new ReboundSide(path, threads, stored: true),
];
if (args.Contains("--fp32"))
{
    sides.Add(new ReboundSide(path, threads, stored: false));
}

var timings = sides.Select(_ => new List<(Lap Prompts, Lap Token)>()).ToArray();
for (var round = 0; round <= rounds; round++)
{
    for (var side = 0; side < sides.Count; side++)
    {
        var timing = sides[side].Run(prompts, tokens);
        if (round > 0)
        {
            timings[side].Add(timing);
        }
    }
}

Console.WriteLine($"{Path.GetFileName(path)}, {threads} threads, {batch} prompts of {promptTokens}, {tokens} tokens each, {rounds} rounds in turns");
Report("by the clock", lap => lap.Clock);
Report("by processor time", lap => lap.Processor);
sides.ForEach(side => side.Dispose());
return 0;

void Report(string measure, Func<Lap, double> seconds)
{
    Console.WriteLine($" {measure}, tokens/s: median (best), and times as fast as llama.cpp in the same round, median");
    for (var side = 0; side < sides.Count; side++)
    {
        var own = timings[side];
        var beside = own.Zip(timings[1]).ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {sides[side].Name,-14} prefill {Median(own, t => batch * promptTokens / seconds(t.Prompts)),7:0.0} "
            + $"({own.Max(t => batch * promptTokens / seconds(t.Prompts)),7:0.0}) "
            + $"{Median(beside, t => seconds(t.Second.Prompts) / seconds(t.First.Prompts)),5:0.00}   "
            + $"decode {Median(own, t => 1 / seconds(t.Token)),6:0.0} ({own.Max(t => 1 / seconds(t.Token)),6:0.0}) "
            + $"{Median(beside, t => seconds(t.Second.Token) / seconds(t.First.Token)),5:0.00}"));
    }
}

int Option(string name, int otherwise) =>
    Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

static double Median<T>(IEnumerable<T> values, Func<T, double> of) => values.Select(of).Order().ElementAt(values.Count() / 2);
