using System.Text;
using LLama;
using LLama.Common;
using LLama.Native;

namespace Rebound.LlamaCpp.Tests;

/// <summary>llama.cpp with a GGUF file, as LLamaSharp brings it: on the CPU, with keys and values in fp32.</summary>
internal sealed class LlamaCpp : IDisposable
{
    private const int ContextTokens = 512;

    private readonly LLamaWeights _weights;
    private readonly LLamaContext? _context;

    static LlamaCpp()
    {
        // Its log goes to standard error otherwise; and its quantizer does not load it by itself.
        NativeLibraryConfig.All.WithLogCallback((_, _) => { });
        NativeApi.llama_empty_call();
    }

    /// <param name="adapter">A LoRA adapter in a GGUF file beside the model; null for none.</param>
    /// <param name="tokenizerOnly">Whether the weights stay in the file.</param>
    public LlamaCpp(string path, string? adapter = null, bool tokenizerOnly = false)
    {
        var parameters = new ModelParams(path)
        {
            VocabOnly = tokenizerOnly,
            ContextSize = ContextTokens,
            BatchSize = ContextTokens,
            UBatchSize = ContextTokens,
            GpuLayerCount = 0,
            Threads = 1,
            BatchThreads = 1,
            FlashAttention = false,
            TypeK = GGMLType.GGML_TYPE_F32,
            TypeV = GGMLType.GGML_TYPE_F32,
        };
        _weights = LLamaWeights.LoadFromFile(parameters);
        _context = tokenizerOnly ? null : _weights.CreateContext(parameters);
        if (adapter is not null)
        {
            (LoraAdapter, float)[] adapters = [(_weights.NativeHandle.LoadLoraFromFile(adapter), 1)];
            Context.NativeHandle.SetLoraAdapters(adapters);
        }
    }

    private LLamaContext Context => _context ?? throw new InvalidOperationException("The weights were not loaded.");

    public int VocabularySize => _weights.Vocab.Count;

    /// <summary>Rounds the weights of a file with llama.cpp's own quantizer.</summary>
    public static void Quantize(string from, string to, LLamaFtype type)
    {
        // The library has to be loaded first.
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(LlamaCpp).TypeHandle);
        Assert.True(LLamaQuantizer.Quantize(from, to, type, nthread: 2, allowRequantize: true, quantizeOutputTensor: true));
    }

    /// <summary>Special tokens that are written in the text become their ids.</summary>
    public int[] Tokenize(string text, bool addSpecialTokens) =>
        [.. _weights.Tokenize(text, addSpecialTokens, special: true, Encoding.UTF8).Select(token => (int)token)];

    /// <summary>Its own way of holding tokens to a grammar.</summary>
    public LlamaGrammar Hold(string grammar) => new(_weights, grammar);

    /// <summary>The logits after every token of one document.</summary>
    /// <returns>[T, V].</returns>
    public float[] Logits(ReadOnlySpan<int> tokens)
    {
        Context.NativeHandle.MemoryClear();
        return Decode(tokens, start: 0);
    }

    /// <summary>The most likely tokens, one after the other.</summary>
    /// <param name="logits">Takes the logits that each was chosen from.</param>
    public int[] Greedy(ReadOnlySpan<int> prompt, int count, List<float[]> logits)
    {
        var (written, last) = (new int[count], Logits(prompt)[^VocabularySize..]);
        for (var i = 0; i < count; i++)
        {
            logits.Add(last);
            written[i] = Array.IndexOf(last, last.Max());
            last = Decode([written[i]], prompt.Length + i);
        }

        return written;
    }

    public void Dispose()
    {
        _context?.Dispose();
        _weights.Dispose();
    }

    private float[] Decode(ReadOnlySpan<int> tokens, int start)
    {
        var batch = new LLamaBatch();
        for (var i = 0; i < tokens.Length; i++)
        {
            batch.Add(tokens[i], start + i, LLamaSeqId.Zero, logits: true);
        }

        Assert.Equal(DecodeResult.Ok, Context.NativeHandle.Decode(batch));
        var logits = new float[tokens.Length * VocabularySize];
        for (var i = 0; i < tokens.Length; i++)
        {
            Context.NativeHandle.GetLogitsIth(i).CopyTo(logits.AsSpan(i * VocabularySize));
        }

        return logits;
    }
}
