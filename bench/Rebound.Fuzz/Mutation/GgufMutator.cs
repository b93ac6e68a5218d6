using System.Text;

namespace Rebound.Fuzz.Mutation;

/// <summary>
/// Spoils a GGUF file: a key or a text of its metadata replaced by another of the same length or by a number, or any bytes.
/// </summary>
internal sealed class GgufMutator : IMutator
{
    private static readonly string[] Words =
    [
        "general.architecture", "llama", "qwen2", "qwen3", "tokenizer.ggml.model", "gpt2", "general.alignment",
        "general.file_type", "llama.rope.scaling.type",
        "yarn", "linear", "none", "llama.rope.scaling.factor", "llama.vocab_size", "tokenizer.ggml.scores",
        "token_embd.weight", "blk.0.attn_q.weight",
        "blk.99999999999.attn_q.weight", "rope_freqs.weight", "split.count", "tokenizer.chat_templates",
        "tokenizer.ggml.add_bos_token", "output.weight",
    ];

    public byte[] Mutate(byte[] seed, IReadOnlyList<byte[]> seeds, FuzzRandom random)
    {
        var bytes = seed;
        for (var left = random.Below(3); left > 0; left--)
        {
            bytes = Replaced(bytes, random);
        }

        return ReferenceEquals(bytes, seed) || random.OneIn(3) ? ByteMutator.Instance.Mutate(bytes, seeds, random) : bytes;
    }

    /// <summary>A word of the file with another one in its place, and its length before it.</summary>
    private static byte[] Replaced(byte[] bytes, FuzzRandom random)
    {
        var old = Encoding.UTF8.GetBytes(random.Pick(Words));
        var at = bytes.AsSpan().IndexOf(old);
        if (at < sizeof(long))
        {
            return bytes;
        }

        var word = random.OneIn(6) ? new byte[random.Length(4096)] : Encoding.UTF8.GetBytes(random.Pick(Words));
        return [.. bytes[..(at - sizeof(long))], .. BitConverter.GetBytes((long)word.Length), .. word, .. bytes[(at + old.Length)..]];
    }
}
