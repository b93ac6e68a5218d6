using Rebound.Engine;
using Rebound.Models;
using Rebound.Models.Adapters;

namespace Rebound.Testing;

/// <summary>Tiny models with adapters whose B is not zero, as after some training.</summary>
internal static class LoraModel
{
    /// <summary>Every linear layer, with ranks and alphas that differ within one fused matrix.</summary>
    public static LoraSettings Mixed(float dropout = 0) => new()
    {
        Rank = 4,
        Alpha = 6,
        Dropout = dropout,
        RankPattern = [KeyValuePair.Create("k_proj", 3), KeyValuePair.Create(@"layers\.1\.mlp\.up_proj", 7)],
        AlphaPattern = [KeyValuePair.Create("v_proj|down_proj", 11f)],
    };

    public static LlamaModel Create(Backend backend, LlamaConfig config, LoraSettings settings, ulong seed = 3)
    {
        var model = LlamaModel.Initialize(backend, config, seed);
        model.Attach(Trained(LoraAdapter.Initialize(backend, config, settings, seed)));
        return model;
    }

    /// <summary>Gives every B random values of about the size of A's.</summary>
    public static LoraAdapter Trained(LoraAdapter adapter)
    {
        foreach (var module in adapter.Layout.Modules)
        {
            var random = new Random(module.Name.Length);
            foreach (ref var value in adapter.Parameters[module.UpName].AsSpan<float>())
            {
                value = (random.NextSingle() - 0.5f) / 2;
            }
        }

        return adapter;
    }

    public static PackedBatch Batch()
    {
        var tokens = TinyModel.Tokens(24, 6);
        return new PackedBatch(tokens, [0, 9, 24], tokens);
    }

    public static float[] Logits(LlamaModel model)
    {
        var batch = Batch();
        var logits = new float[batch.TokenCount * model.Config.VocabularySize];
        model.Logits(batch, logits);
        return logits;
    }
}
