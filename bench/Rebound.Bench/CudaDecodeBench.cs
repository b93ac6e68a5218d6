using System.Diagnostics;
using Rebound.Engine;
using Rebound.Engine.Cuda;
using Rebound.Engine.Cuda.Interop;
using Rebound.Models;

namespace Rebound.Bench;

/// <summary>
/// Generation on a GPU, random bf16 weights or, with a TYPE, in blocks, through the scheduler:
/// <c>cuda-decode [SHAPE[:BATCH|:prefill|:schedule|:turns|:distance] …] [--blocks TYPE] [--steps N] [--deterministic] [--python PROGRAM]</c>.
/// With a PROGRAM the peer prints its table after it.
/// </summary>
internal sealed class CudaDecodeBench : IDisposable
{
    private const int PrefillRuns = 3;
    private const int TimedSteps = 3;
    private const int Requests = 1024;
    private const float RequestTemperature = 0.7f;
    private const long CopiedBytes = 2L << 30;

    /// <summary>Copies, some 10 ms, before a step whose operations are timed: the host is ahead of the GPU then.</summary>
    private const int CopiesAhead = 20;

    private static readonly int[] Conversations = [256, 1024];

    private readonly CudaBackend _cuda;
    private readonly TimedBackend _backend;
    private readonly Arena _copied;
    private readonly int _steps;
    private readonly DType? _blocks;
    private readonly double _copyRate;

    private CudaDecodeBench(int steps, bool deterministic, DType? blocks)
    {
        (_cuda, _steps, _blocks) = (new CudaBackend(new CudaOptions { BatchInvariant = deterministic }), steps, blocks);
        _backend = new TimedBackend(_cuda);
        var plan = new ArenaPlan();
        plan.Add(new TensorSpec("copied", new Shape((int)(CopiedBytes / sizeof(float))), DType.Float32));
        _copied = _cuda.Allocate(plan);
        _copyRate = MeasureCopy();
    }

    public static int Run(string[] arguments)
    {
        string[] words = [.. arguments.TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))];
        if (words.Any(word => DecodeShape.All.All(shape => shape.Name != word.Split(':')[0])))
        {
            Console.Error.WriteLine(
                $"usage: Rebound.Bench cuda-decode [({string.Join('|', DecodeShape.All.Select(shape => shape.Name))})"
                    + "[:BATCH|:prefill|:schedule|:turns|:distance] …] [--blocks TYPE] [--steps N] [--deterministic] [--python PROGRAM]");
            return 2;
        }

        if (CudaRuntime.Find().Absence is { } absence)
        {
            Console.Error.WriteLine($"cuda-decode: {absence}.");
            return 1;
        }

        using (var bench = new CudaDecodeBench(
            int.Parse(Arguments.Option(arguments, "--steps") ?? "128"), arguments.Contains("--deterministic"),
            RandomBlocks.Find(Arguments.Option(arguments, "--blocks"))))
        {
            bench.RunAll(words);
        }

        if (Arguments.Option(arguments, "--python") is { } python)
        {
            Console.WriteLine();
            Array.ForEach(Peer.Run(python, Peer.Script("cuda_decode.py")), Console.WriteLine);
        }

        return 0;
    }

    public void Dispose()
    {
        _copied.Dispose();
        _backend.Dispose();
    }

    private void RunAll(string[] words)
    {
        Console.WriteLine(
            $"{_backend.Description}, {_blocks ?? _backend.ElementType}; {_steps} steps after the prompts; a copy reaches {_copyRate / 1e12:f2} TB/s");
        Console.WriteLine(
            $"{"shape",-16}{"batch",-18}{"tokens/s",12}{"ms a step",11}{"GB a step",11}{"of copy",9}{"operations ms",15}{"between ms",12}");
        foreach (var shape in DecodeShape.All.Where(shape => words.Length == 0 || words.Any(word => word.Split(':')[0] == shape.Name)))
        {
            string[] rows = [.. words.Where(word => word.Split(':')[0] == shape.Name).SelectMany(word => word.Split(':').Skip(1))];
            bool Wants(string row) => rows.Length == 0 || words.Contains(shape.Name) || rows.Contains(row);
            using var weights = RandomBlocks.Of(shape.Config, _blocks);
            using var model = LlamaModel.Load(_backend, shape.Config, weights);
            var run = new DecodeRun(model, shape.PromptTokens);
            if (Wants("prefill"))
            {
                var seconds = Enumerable.Range(0, PrefillRuns).Min(_ => run.Prefill(shape.PrefillPrompts));
                Row(shape, $"prefill, {shape.PrefillPrompts}", shape.PrefillPrompts * shape.PromptTokens / seconds);
            }

            foreach (var batch in shape.Batches.Where(batch => Wants($"{batch}")))
            {
                Array.ForEach(shape.Temperatures, temperature => Decode(shape, run, batch, temperature));
            }

            if (Wants("distance"))
            {
                var (mean, most) = run.Distance();
                Console.WriteLine(
                    $"{shape.Name,-16}log-probabilities of drawn tokens and of a forward over all of them differ by {mean:f5} in the mean, "
                        + $"{most:f4} at most");
            }

            if (shape.Temperatures.Contains(RequestTemperature) && Wants("schedule"))
            {
                var (tokens, seconds) = run.Schedule(Requests, RequestTemperature);
                Row(shape, $"schedule, {Requests}", tokens / seconds, $"  {Requests / seconds:n0} requests/s, {seconds:f2} s");
            }

            foreach (var count in Conversations)
            {
                if (shape.Temperatures.Contains(RequestTemperature) && Wants("turns"))
                {
                    var (tokens, seconds) = run.Turns(count, RequestTemperature);
                    Row(shape, $"turns, {count}", tokens / seconds, $"  {count / seconds:n0} conversations/s, {seconds:f2} s");
                }
            }
        }
    }

    private void Decode(DecodeShape shape, DecodeRun run, int batch, float temperature)
    {
        IReadOnlyList<FamilyTime> families = [];
        var time = run.Decode(
            batch, temperature, _steps,
            step =>
            {
                _backend.IsTiming = true;
                for (var timed = 0; timed < TimedSteps; timed++)
                {
                    Copy(CopiesAhead);
                    step();
                }

                families = _backend.TakeTimes();
                _backend.IsTiming = false;
            },
            TimedSteps);
        var (bytes, operations) = (shape.StepBytes(time.CachedTokens, _blocks ?? DType.BFloat16), families.Sum(family => family.Milliseconds) / TimedSteps);
        var milliseconds = 1e3 * time.StepSeconds;
        Row(
            shape, $"{batch}{(temperature == 0 ? "" : $", t {temperature}")}", time.Tokens / time.Seconds,
            $"{milliseconds,11:f3}{bytes / 1e9,11:f3}{bytes / time.StepSeconds / _copyRate,9:p1}"
                + $"{operations,15:f3}{milliseconds - operations,12:f3}");
        foreach (var family in families)
        {
            Console.WriteLine(
                $"    {family.Family,-30}{family.Calls / TimedSteps,6} ×{family.Milliseconds / TimedSteps,10:f3} ms, floor "
                    + $"{family.FloorMilliseconds / TimedSteps:f3}");
        }
    }

    private static void Row(DecodeShape shape, string what, double tokensPerSecond, string rest = "") =>
        Console.WriteLine($"{shape.Name,-16}{what,-18}{tokensPerSecond,12:n0}{rest}");

    /// <summary>Bytes read and written a second by copies from one half of a large tensor to the other.</summary>
    private double MeasureCopy()
    {
        const int Runs = 20;
        Copy(Runs);
        _cuda.Synchronize();
        var start = Stopwatch.GetTimestamp();
        Copy(Runs);
        _cuda.Synchronize();
        return Runs * CopiedBytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void Copy(int times)
    {
        for (var copy = 0; copy < times; copy++)
        {
            DriverApi.CopyWithinDevice(_copied[0].Address + (nint)(CopiedBytes / 2), _copied[0].Address, CopiedBytes / 2, _cuda.Stream);
        }
    }
}
