using LLama;
using LLama.Common;
using LLama.Native;

namespace Rebound.Bench.LlamaCpp;

/// <summary>llama.cpp as LLamaSharp brings it, with its own choices.</summary>
internal sealed class LlamaCppSide : ISide
{
    private const int ContextTokens = 2048;

    private readonly LLamaWeights _weights;
    private readonly LLamaContext _context;

    static LlamaCppSide() => NativeLibraryConfig.All.WithLogCallback((level, text) =>
    {
        if (text.Contains("system_info", StringComparison.Ordinal) || text.Contains("Loaded native library", StringComparison.OrdinalIgnoreCase))
        {
            Console.Error.WriteLine(text.Trim());
        }
    });

    public LlamaCppSide(string path, int threads, int batch)
    {
        var parameters = new ModelParams(path)
        {
            ContextSize = (uint)(ContextTokens * batch),
            SeqMax = (uint)batch,
            GpuLayerCount = 0,
            Threads = threads,
            BatchThreads = threads,
        };
        _weights = LLamaWeights.LoadFromFile(parameters);
        _context = _weights.CreateContext(parameters);
    }

    public string Name => "llama.cpp";

    public (Lap Prompts, Lap Token) Run(int[][] prompts, int tokens)
    {
        _context.NativeHandle.MemoryClear();
        var start = Lap.Now;
        int[] next = [.. prompts.Select((prompt, sequence) =>
        {
            var batch = new LLamaBatch();
            for (var i = 0; i < prompt.Length; i++)
            {
                batch.Add(prompt[i], i, (LLamaSeqId)sequence, logits: i == prompt.Length - 1);
            }

            return Decode(batch, [prompt.Length - 1])[0];
        })];
        var first = Lap.Now;
        int[] all = [.. Enumerable.Range(0, prompts.Length)];
        for (var i = 0; i < tokens; i++)
        {
            var batch = new LLamaBatch();
            for (var sequence = 0; sequence < next.Length; sequence++)
            {
                batch.Add(next[sequence], prompts[sequence].Length + i, (LLamaSeqId)sequence, logits: true);
            }

            next = Decode(batch, all);
        }

        return (first - start, (Lap.Now - first) / (tokens * prompts.Length));
    }

    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }

    /// <summary>The likeliest next tokens of some of a batch's.</summary>
    private int[] Decode(LLamaBatch batch, int[] of)
    {
        if (_context.NativeHandle.Decode(batch) != DecodeResult.Ok)
        {
            throw new InvalidOperationException("llama.cpp did not decode the batch.");
        }

        return [.. of.Select(i => System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(_context.NativeHandle.GetLogitsIth(i)))];
    }
}
