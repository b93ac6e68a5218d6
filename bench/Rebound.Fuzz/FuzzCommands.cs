using Rebound.Fuzz.Judging;
using Rebound.Fuzz.Readers;

namespace Rebound.Fuzz;

/// <summary>What the program does.</summary>
internal static class FuzzCommands
{
    /// <summary>The seed of the tests; a long run takes another one to see other inputs.</summary>
    public const long UsualSeed = 1;

    private const long UsualInputs = 100_000;

    /// <summary>Findings of one place that are shown.</summary>
    private const int ShownOfPlace = 3;

    public static int Usage()
    {
        Console.Error.WriteLine(
            $"""
            usage: Rebound.Fuzz run [--inputs {UsualInputs}] [--seed {UsualSeed}] [--jobs N] [READER ...]
                   Rebound.Fuzz show READER INDEX [SEED]
            readers: {string.Join(' ', FuzzReaders.All.Select(reader => reader.Name))}
            """);
        return 2;
    }

    public static int Work(string reader, string seed, string first, string end, string statePath)
    {
        Worker.Run(FuzzReaders.Find(reader), long.Parse(seed), long.Parse(first), long.Parse(end), statePath);
        return 0;
    }

    /// <summary>Writes an input to standard output, so that a finding can be looked at.</summary>
    public static int Show(string name, string index, string[] rest)
    {
        var reader = FuzzReaders.Find(name);
        using var bench = new Workbench();
        using var output = Console.OpenStandardOutput();
        output.Write(FuzzReader.Input(reader, reader.Seeds(bench), rest is [var seed] ? long.Parse(seed) : UsualSeed, long.Parse(index)));
        return 0;
    }

    /// <summary>Feeds readers and prints a table of what they did, and every finding; the exit code is 1 if there is one.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (inputs, seed, jobs) = (UsualInputs, UsualSeed, Environment.ProcessorCount);
        var readers = new List<FuzzReader>();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--inputs": inputs = long.Parse(arguments[++i]); break;
                case "--seed": seed = long.Parse(arguments[++i]); break;
                case "--jobs": jobs = int.Parse(arguments[++i]); break;
                default: readers.Add(FuzzReaders.Find(arguments[i])); break;
            }
        }

        var isSound = true;
        Console.WriteLine("| reader | inputs | accepted | refused | slowest | most handed out for one | most held for one | findings |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        await Parallel.ForEachAsync(
            readers.Count > 0 ? readers : FuzzReaders.All, new ParallelOptions { MaxDegreeOfParallelism = jobs },
            async (reader, cancellation) =>
            {
                var result = await FuzzRun.RunAsync(reader, seed, inputs, cancellation);
                Print(result);
                isSound &= result.Findings.Count == 0;
            });
        return isSound ? 0 : 1;
    }

    private static void Print(FuzzResult result)
    {
        lock (Console.Out)
        {
            Console.WriteLine(
                $"| {result.Reader} | {result.Inputs:n0} | {result.Accepted:n0} | {result.Refused:n0} | "
                + $"{result.Slowest.TotalMilliseconds:n1} ms | {result.Largest / 1048576.0:n1} MiB | {result.Held / 1048576.0:n1} MiB | "
                + $"{result.Findings.Count} |");
            foreach (var place in result.Findings.GroupBy(finding => (finding.Fault, finding.Place)))
            {
                Console.Error.WriteLine($"{place.Count()} of {place.Key.Fault} at {place.Key.Place}");
                foreach (var finding in place.Take(ShownOfPlace))
                {
                    Console.Error.WriteLine($"    {finding.Reader} {finding.Index}: {finding.Detail.ReplaceLineEndings(" ")}");
                }
            }
        }
    }
}
