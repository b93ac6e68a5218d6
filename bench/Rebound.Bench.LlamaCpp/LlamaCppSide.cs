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

    public LlamaCppSide(string path, int threads)
    {
        var parameters = new ModelParams(path)
        {
            ContextSize = ContextTokens,
            GpuLayerCount = 0,
            Threads = threads,
            BatchThreads = threads,
        };
        _weights = LLamaWeights.LoadFromFile(parameters);
        _context = _weights.CreateContext(parameters);
    }

    public string Name => "llama.cpp";

    public (Lap Prompt, Lap Token) Run(int[] prompt, int tokens)
    {
        _context.NativeHandle.MemoryClear();
        var start = Lap.Now;
        var next = Decode(prompt, 0);
        var first = Lap.Now;
        for (var i = 0; i < tokens; i++)
        {
            next = Decode([next], prompt.Length + i);
        }

        return (first - start, (Lap.Now - first) / tokens);
    }

    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }

    private int Decode(int[] tokens, int position)
    {
        var batch = new LLamaBatch();
        for (var i = 0; i < tokens.Length; i++)
        {
            batch.Add(tokens[i], position + i, LLamaSeqId.Zero, logits: i == tokens.Length - 1);
        }

        if (_context.NativeHandle.Decode(batch) != DecodeResult.Ok)
        {
            throw new InvalidOperationException("llama.cpp did not decode the batch.");
        }

        var logits = _context.NativeHandle.GetLogitsIth(tokens.Length - 1);
        return System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits);
    }
}
