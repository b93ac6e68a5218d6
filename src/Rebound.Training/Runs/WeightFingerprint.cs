using System.Runtime.InteropServices;
using System.Text;
using Rebound.Checkpoints;
using Rebound.Files;
using Rebound.Models;

namespace Rebound.Training.Runs;

/// <summary>
/// Tells a model's weights from others by some of them. A few norms, and the value projections of the first and the last block:
/// weights of another seed or another training, or with an adapter merged into them, differ in some of these.
/// </summary>
internal static class WeightFingerprint
{
    private const int Norms = 4;

    public static string Of(ModelSource source)
    {
        var sums = Tensors(source).Select(tensor => $"{tensor.Name} {Checksum(source, tensor):x8}");
        var weights = Crc32C.Of(Encoding.UTF8.GetBytes(string.Join('\n', sums)));
        var config = Crc32C.Of(Encoding.UTF8.GetBytes(source.ConfigJson.ToJsonString()));
        return $"config {config:x8}, weights {weights:x8}";
    }

    private static IEnumerable<StoredTensor> Tensors(ModelSource source)
    {
        var byName = source.Tensors.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        return
        [
            .. byName.Where(tensor => tensor.Shape.Count == 1).Take(Norms),
            .. byName.Where(tensor => tensor.Name == ValuesOf(0) || tensor.Name == ValuesOf(source.Config.Layers - 1)),
        ];

        static string ValuesOf(int layer) => $"model.layers.{layer}.self_attn.v_proj.weight";
    }

    private static uint Checksum(ModelSource source, StoredTensor tensor)
    {
        var values = new float[tensor.Count];
        source.Tensors.Read(tensor.Name, values);
        return Crc32C.Of(MemoryMarshal.AsBytes<float>(values));
    }
}
