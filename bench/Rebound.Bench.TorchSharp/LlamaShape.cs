using System.Text.Json;

namespace Rebound.Bench.TorchSharp;

/// <summary>The sizes of a Llama, as the benchmark that starts this program writes them.</summary>
internal sealed record LlamaShape(int Layers, int Hidden, int Feed, int Heads, int KvHeads, int Vocabulary, double RopeBase, int Document)
{
    public int HeadSize => Hidden / Heads;

    public static LlamaShape Parse(string json) => JsonSerializer.Deserialize<LlamaShape>(json, JsonSerializerOptions.Web)!;
}
