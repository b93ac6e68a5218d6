using Rebound.Checkpoints.Gguf;
using Rebound.Testing;

namespace Rebound.Checkpoints.Tests;

public sealed class GgufCorruptionTests : IDisposable
{
    private static readonly (string Problem, Action<GgufBuilder> Lie)[] Lies =
    [
        ("not start with 'GGUF'", gguf => gguf.Magic = 0x46554748),
        ("version 1", gguf => gguf.Version = 1),
        ("version 4", gguf => gguf.Version = 4),
        ("big-endian", gguf => gguf.Version = 0x03000000),
        ("claims 18446744073709551615 tensors", gguf => gguf.TensorCount = ulong.MaxValue),
        ("claims 1099511627776 metadata entries", gguf => gguf.EntryCount = 1UL << 40),
        ("'general.alignment' is 24", gguf => gguf.Set("general.alignment", 24u)),
        ("'general.alignment' is 0", gguf => gguf.Set("general.alignment", 0u)),
        ("no multiple of the alignment", gguf => gguf.Offset = (name, offset) => name == "output_norm.weight" ? offset + 1 : offset),
        ("overlaps", gguf => gguf.Offset = (_, _) => 0),
        ("outside of the file", gguf => gguf.Offset = (name, offset) => name == "output_norm.weight" ? offset + 32 : offset),
        ("outside of the file", gguf => gguf.Offset = (_, offset) => ulong.MaxValue - 31 - offset),
        ("'llama.attention.head_count' is absent", gguf => gguf.Remove("llama.attention.head_count")),
        ("not a whole number", gguf => gguf.Set("llama.block_count", "one")),
        ("not a whole number", gguf => gguf.Set("llama.block_count", -1)),
        ("not a finite number", gguf => gguf.Set("llama.attention.layer_norm_rms_epsilon", float.NaN)),
        ("'llama.attention.scale' is not known", gguf => gguf.Set("llama.attention.scale", 1f)),
        ("one part of a split model", gguf => gguf.Set("split.count", 3u)),
        ("mixtures of experts", gguf => gguf.Set("llama.expert_count", 8u)),
        ("'llama.rope.scaling.type' is 'yarn'", gguf => gguf.Set("llama.rope.scaling.type", "yarn")),
        ("'llama.rope.dimension_count' is 4", gguf => gguf.Set("llama.rope.dimension_count", 4u)),
        ("'llama.vocab_size' is 4", gguf => gguf.Set("llama.vocab_size", 4u)),
        ("'general.architecture' is 'gemma3'", gguf => gguf.Set("general.architecture", "gemma3")),
        ("no model of the Llama family", gguf => gguf.Add("blk.0.ssm_a.weight", [1], [1f])),
        ("no model of the Llama family", gguf => gguf.Add("blk.00.attn_norm.weight", [1], [1f])),
        ("names it twice", gguf => gguf.Add("output_norm.weight", [32], new float[32])),
        ("of the type IQ4_XS", gguf => gguf.Add("output.weight", [1, 256], 23, new byte[136])),
        ("of the type unknown (77)", gguf => gguf.Add("output.weight", [1, 256], 77, new byte[136])),
        ("no multiple of the 32", gguf => gguf.Add("output.weight", [2, 48], 8, new byte[102])),
        ("more values than can be addressed", gguf => gguf.Add("output.weight", [1L << 40, 1L << 40], 0, [])),
        ("extent of 0", gguf => gguf.Add("output.weight", [0, 32], 0, [])),
        ("has 5 dimensions", gguf => gguf.Add("output.weight", [1, 1, 1, 1, 1], 0, new byte[4])),
        ("has 24 rows", gguf => gguf.RemoveTensor("blk.0.attn_q.weight").Add("blk.0.attn_q.weight", [24, 32], new float[768])),
        ("is absent", gguf => gguf.RemoveTensor("token_embd.weight")),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lying_file_is_named_with_what_is_wrong()
    {
        foreach (var (problem, lie) in Lies)
        {
            var builder = GgufBuilder.Tiny();
            lie(builder);
            var path = _folder.Write("m.gguf", builder.Build());
            var exception = Assert.Throws<CheckpointException>(() => new GgufFile(path));
            Assert.Equal(path, exception.Path);
            Assert.Contains(problem, exception.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Every_truncation_is_an_exception_that_says_so()
    {
        var whole = GgufBuilder.Tiny().Set("tokenizer.ggml.tokens", new[] { "a", "b", "c" }).Build();
        var header = whole.Length - (4 * (96 + 1024 + 32));
        for (var length = 0; length < whole.Length; length += length < header ? 1 : 97)
        {
            _folder.Write("m.gguf", whole[..length]);
            Assert.Contains("incomplete", Assert.Throws<CheckpointException>(() => new GgufFile(_folder.File("m.gguf"))).Message);
        }
    }

    [Fact]
    public void Every_changed_byte_of_a_header_is_an_exception_or_a_file_that_reads()
    {
        var whole = GgufBuilder.Tiny()
            .Set("tokenizer.ggml.tokens", new[] { "a", "b", "c" })
            .Set("tokenizer.ggml.scores", new[] { 0f, 1f, 2f })
            .Set("tokenizer.ggml.add_bos_token", true)
            .Build();
        var header = whole.Length - (4 * (96 + 1024 + 32));
        for (var position = 0; position < header; position++)
        {
            foreach (var value in (byte[])[0, 0xFF, (byte)(whole[position] ^ 1)])
            {
                var changed = whole.ToArray();
                changed[position] = value;
                ReadsOrThrows(_folder.Write("m.gguf", changed));
            }
        }
    }

    private static void ReadsOrThrows(string path)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var gguf = new GgufFile(path);
            foreach (var (name, tensor) in gguf.Tensors)
            {
                gguf.Read(name, new float[tensor.Count]);
            }
        }
        catch (CheckpointException)
        {
            // The only exception that a damaged file may cause.
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }
}
