using System.Globalization;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// The type of each tensor in a file of some type, as llama.cpp's quantizer chooses it
/// (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-quant.cpp): norms and biases stay fp32; the head, or the embedding that is
/// one, gets more bits; the mixed types give more bits to some blocks; rows that a type's blocks do not divide take another type.
/// </summary>
/// <param name="fileType">The type that the file is named after.</param>
/// <param name="layers">Blocks of the model.</param>
/// <param name="tied">Whether the embedding is the head.</param>
/// <param name="sharedValues">Whether the model is one of llama.cpp's "70B": 80 blocks whose query heads share values.</param>
internal sealed class TensorTypes(GgufFileType fileType, int layers, bool tied, bool sharedValues)
{
    /// <param name="name">The name in the file.</param>
    /// <param name="shape">Extents, row-major.</param>
    public GgmlType Of(string name, IReadOnlyList<long> shape)
    {
        if (shape.Count < 2 || !name.EndsWith(".weight", StringComparison.Ordinal)
            || name.EndsWith("_norm.weight", StringComparison.Ordinal))
        {
            return GgmlType.F32;
        }

        var type = fileType.Type;
        return type.IsQuantized ? Fitting(Chosen(name, shape[^1], type), shape[^1]) : type;
    }

    private GgmlType Chosen(string name, long rowValues, GgmlType type)
    {
        if (name == GgufNames.Head || (tied && name == GgufNames.Embedding))
        {
            return type == GgmlType.Q8_0 || rowValues % type.BlockValues != 0 ? GgmlType.Q8_0 : GgmlType.Q6_K;
        }

        if (name.Split('.') is not ["blk", var block, var module, _])
        {
            return type;
        }

        var more = fileType.IsMixed && GetsMoreBits(int.Parse(block, CultureInfo.InvariantCulture));
        return module switch
        {
            "attn_v" when more => GgmlType.Q6_K,
            "attn_v" when sharedValues && type == GgmlType.Q4_K => GgmlType.Q5_K,
            "ffn_down" when more => GgmlType.Q6_K,
            _ => type,
        };
    }

    /// <summary>The first eighth of the blocks, the last, and every third between.</summary>
    private bool GetsMoreBits(int layer) =>
        layer < layers / 8 || layer >= 7 * layers / 8 || (layer - (layers / 8)) % 3 == 2;

    /// <summary>The type, or another where its blocks do not divide a row; fp16 where no block does, as gguf-py has it.</summary>
    private static GgmlType Fitting(GgmlType type, long rowValues)
    {
        if (rowValues % type.BlockValues == 0)
        {
            return type;
        }

        var other = type == GgmlType.Q4_K ? GgmlType.Q5_0
            : type == GgmlType.Q5_K ? GgmlType.Q5_1
            : type == GgmlType.Q6_K ? GgmlType.Q8_0
            : GgmlType.F16;
        return rowValues % other.BlockValues == 0 ? other : GgmlType.F16;
    }
}
