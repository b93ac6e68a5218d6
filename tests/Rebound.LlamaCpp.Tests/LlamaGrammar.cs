using LLama;
using LLama.Native;

namespace Rebound.LlamaCpp.Tests;

/// <summary>llama.cpp's word on the tokens that may come under a grammar.</summary>
internal sealed class LlamaGrammar : IDisposable
{
    private readonly SafeLLamaSamplerChainHandle _chain = SafeLLamaSamplerChainHandle.Create(LLamaSamplerChainParams.Default());
    private readonly float[] _logits;

    public LlamaGrammar(LLamaWeights weights, string grammar)
    {
        _logits = new float[weights.Vocab.Count];
        _chain.AddGrammar(weights.Vocab, grammar, "root");
    }

    /// <summary>Whether each token may come next.</summary>
    public bool[] Allowed()
    {
        var data = LLamaTokenDataArray.Create(_logits);
        using var pinned = LLamaTokenDataArrayNative.Create(data, out var native);
        _chain.Apply(ref native);
        var allowed = new bool[_logits.Length];
        foreach (var token in native.Data)
        {
            allowed[(int)token.ID] = !float.IsNegativeInfinity(token.Logit);
        }

        return allowed;
    }

    public void Accept(int token) => _chain.Accept(token);

    public void Dispose() => _chain.Dispose();
}
