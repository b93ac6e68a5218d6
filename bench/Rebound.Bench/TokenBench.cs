using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Rebound.Text;

namespace Rebound.Bench;

/// <summary>
/// How fast texts become ids: GSM8K's training questions and answers, one document a call, on one core. The figure to
/// quote is the one whose word cache starts empty in the pass that is timed; the warm one tells what the cache is worth.
/// Rates are by the wall clock and, where other work shares the machine, by the processor time this process took.
/// </summary>
internal static class TokenBench
{
    private const int Passes = 5;

    public static int Run(string[] arguments)
    {
        if (arguments is not [var dataPath, .. { Length: > 0 } vocabularies])
        {
            Console.Error.WriteLine("usage: Rebound.Bench tokens TRAIN.jsonl TOKENIZER [TOKENIZER ...]");
            return 2;
        }

        var documents = ReadDocuments(dataPath);
        var bytes = documents.Sum(text => (long)Encoding.UTF8.GetByteCount(text));
        Console.WriteLine(
            $"{documents.Length:N0} documents, {bytes / 1e6:F2} MB of UTF-8, one document a call, one core, median of {Passes}");
        Console.WriteLine($"{"",-43} {"cache starts empty",22}   {"cache warm",22}");
        Console.WriteLine(
            $"{"vocabulary",-24} {"load ms",7} {"tokens",10} {"MB/s",10} {"MB/CPU s",11}   {"MB/s",10} {"MB/CPU s",11}");
        foreach (var path in vocabularies)
        {
            Report(path, documents, bytes);
        }

        return 0;
    }

    private static void Report(string path, string[] documents, long bytes)
    {
        // The first passes, with tokenizers of their own, are for the just-in-time compiler.
        for (var i = 0; i < 2; i++)
        {
            EncodeAll(Counter(Tokenizer.Load(path)), documents, out _);
        }

        var load = new double[Passes];
        Elapsed[] empty = new Elapsed[Passes], warm = new Elapsed[Passes];
        long tokens = 0;
        for (var i = 0; i < Passes; i++)
        {
            var watch = Stopwatch.StartNew();
            var tokenizer = Tokenizer.Load(path);
            load[i] = watch.Elapsed.TotalMilliseconds;
            empty[i] = EncodeAll(Counter(tokenizer), documents, out tokens);
            warm[i] = EncodeAll(Counter(tokenizer), documents, out tokens);
        }

        var name = Path.GetFileName(Path.GetFullPath(path).TrimEnd('/'));
        Console.WriteLine($"{name,-24} {Median(load),7:F0} {tokens,10:N0} {Rates(empty, bytes)}   {Rates(warm, bytes)}");
        if (TokenPeer.Load(path) is not null)
        {
            ReportPeer(path, documents, bytes);
        }
    }

    /// <summary>The same by Microsoft.ML.Tokenizers, and how many documents it gives the same ids.</summary>
    private static void ReportPeer(string path, string[] documents, long bytes)
    {
        var (tokenizer, load) = (Tokenizer.Load(path), new double[Passes]);
        Elapsed[] empty = new Elapsed[Passes], warm = new Elapsed[Passes];
        long tokens = 0;
        var same = 0;
        for (var i = 0; i < Passes; i++)
        {
            var watch = Stopwatch.StartNew();
            var peer = TokenPeer.Load(path)!;
            load[i] = watch.Elapsed.TotalMilliseconds;
            empty[i] = EncodeAll(document => peer.EncodeToIds(document).Count, documents, out tokens);
            warm[i] = EncodeAll(document => peer.EncodeToIds(document).Count, documents, out tokens);
            same = i > 0 ? same : documents.Count(document => peer.EncodeToIds(document).SequenceEqual(tokenizer.Encode(document, addSpecialTokens: false)));
        }

        Console.WriteLine($"{"  Microsoft.ML.Tokenizers",-24} {Median(load),7:F0} {tokens,10:N0} {Rates(empty, bytes)}   {Rates(warm, bytes)}");
        Console.WriteLine($"  {same:N0} of {documents.Length:N0} documents have the same ids");
    }

    private static string Rates(Elapsed[] passes, long bytes)
    {
        var megabytes = bytes / 1e6;
        return $"{megabytes / Median(passes.Select(pass => pass.Wall)),10:F1} "
            + $"{megabytes / Median(passes.Select(pass => pass.Processor)),11:F1}";
    }

    private static Func<string, int> Counter(Tokenizer tokenizer) => document => tokenizer.Encode(document).Length;

    private static Elapsed EncodeAll(Func<string, int> count, string[] documents, out long tokens)
    {
        tokens = 0;
        GC.Collect();
        var processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        foreach (var document in documents)
        {
            tokens += count(document);
        }

        return new Elapsed(watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    private static string[] ReadDocuments(string path)
    {
        var documents = new List<string>();
        foreach (var line in File.ReadLines(path))
        {
            using var row = JsonDocument.Parse(line);
            documents.Add(row.RootElement.GetProperty("question").GetString()!);
            documents.Add(row.RootElement.GetProperty("answer").GetString()!);
        }

        return [.. documents];
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Passes / 2);

    /// <summary>Seconds for one pass over all documents.</summary>
    private readonly record struct Elapsed(double Wall, double Processor);
}
