using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Testing;

namespace Rebound.Checkpoints.Tests;

public sealed class GgufTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> DequantizationRows() => new(
        File.ReadLines(FixturePath).Select(line => JsonNode.Parse(line)!)
            .Select(row => (row["type"]!.GetValue<string>(), row["content"]!.GetValue<string>())));

    [Theory]
    [MemberData(nameof(DequantizationRows))]
    public void Every_type_is_dequantized_as_ggml_does_to_the_last_bit(string name, string content)
    {
        var row = File.ReadLines(FixturePath).Select(line => JsonNode.Parse(line)!)
            .Single(row => row["type"]!.GetValue<string>() == name && row["content"]!.GetValue<string>() == content);
        var type = GgmlType.Find(row["number"]!.GetValue<uint>(), out var found)!;
        Assert.Equal(name, found);
        var expected = Convert.FromBase64String(row["values"]!.GetValue<string>());
        var values = new float[expected.Length / sizeof(float)];
        type.Dequantize(Convert.FromBase64String(row["blocks"]!.GetValue<string>()), values);
        Assert.Equal(MemoryMarshal.Cast<byte, uint>(expected).ToArray(), MemoryMarshal.Cast<float, uint>(values).ToArray());
    }

    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("llama3_gqa_ropescaled")]
    [InlineData("mistral_gqa")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    [InlineData("smollm2_tied")]
    public void A_converted_model_has_the_names_rows_and_values_that_it_came_from(string model)
    {
        var folder = SharedData.Path($"golden/models/{model}");
        using var gguf = new GgufFile(_folder.Write("m.gguf", GgufModels.FromFolder(folder).Build()));
        using var safetensors = new SafetensorsFolder(folder);
        Assert.Equal(safetensors.Tensors.Keys.Order(), gguf.Tensors.Keys.Order());
        foreach (var (name, tensor) in safetensors.Tensors)
        {
            Assert.Equal(tensor.Shape, gguf.Tensors[name].Shape);
            var expected = new float[tensor.Count];
            var actual = new float[tensor.Count];
            safetensors.Read(name, expected);
            gguf.Read(name, actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Biases_of_llama_are_put_back_in_order_whole_blocks_or_not()
    {
        var bias = Enumerable.Range(0, 32).Select(i => (float)i).ToArray();
        var q8 = new byte[34];
        BitConverter.GetBytes((Half)1).CopyTo(q8, 0);
        for (var i = 0; i < 32; i++)
        {
            q8[i + 2] = (byte)i;
        }

        var builder = GgufBuilder.Tiny()
            .Add("blk.0.attn_q.bias", [32], bias)
            .Add("blk.0.attn_k.bias", [32], 8, q8);
        using var gguf = new GgufFile(_folder.Write("m.gguf", builder.Build()));
        float[] unpermuted = [0, 2, 4, 6, 1, 3, 5, 7];
        foreach (var name in (string[])["q", "k"])
        {
            var values = new float[32];
            gguf.Read($"model.layers.0.self_attn.{name}_proj.bias", values);
            Assert.Equal(Enumerable.Range(0, 4).SelectMany(head => unpermuted.Select(row => row + (8 * head))), values);
        }

        Assert.True(gguf.Config["attention_bias"]!.GetValue<bool>());
    }

    [Fact]
    public void The_published_model_is_read_whole()
    {
        using var gguf = new GgufFile(SharedData.Path("models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        Assert.Equal(272, gguf.Tensors.Count);
        Assert.Equal(134_515_008, gguf.Tensors.Values.Sum(tensor => tensor.Count));
        Assert.Equal("Q8_0", gguf.Tensors["model.embed_tokens.weight"].StoredType);
        Assert.Equal([192L, 576L], gguf.Tensors["model.layers.29.self_attn.k_proj.weight"].Shape);
        foreach (var name in (string[])["model.norm.weight", "model.layers.7.mlp.down_proj.weight",
            "model.layers.0.self_attn.q_proj.weight"])
        {
            var values = new float[gguf.Tensors[name].Count];
            gguf.Read(name, values);
            Assert.All(values, value => Assert.True(float.IsFinite(value)));
            Assert.InRange(values.Count(value => value != 0), values.Length / 2, values.Length);
        }

        var expected = JsonNode.Parse(File.ReadAllText(SharedData.Path("models/smollm2-135m-instruct/config.json")))!.AsObject();
        foreach (var (key, value) in gguf.Config)
        {
            Assert.True(
                JsonNode.DeepEquals(expected[key], value), $"{key}: {value?.ToJsonString()} is not {expected[key]?.ToJsonString()}");
        }
    }

    [Theory]
    [InlineData(500000, 128, 8, 1, 4, 8192)]
    [InlineData(500000, 64, 32, 1, 4, 8192)]
    [InlineData(500000, 16, 8, 1, 4, 64)]
    [InlineData(10000, 128, 4, 2, 16, 4096)]
    [InlineData(1000000, 96, 2.5, 1, 3.5, 1000)]
    public void Llama3_scaling_is_recovered_from_its_divisors(
        double ropeBase, int headDim, double factor, double low, double high, int original)
    {
        var rope = new JsonObject
        {
            ["factor"] = factor,
            ["low_freq_factor"] = low,
            ["high_freq_factor"] = high,
            ["original_max_position_embeddings"] = (double)original,
        };
        var divisors = GgufModels.Llama3Divisors(rope, ropeBase, headDim);
        var found = RopeFactors.ToScaling(divisors, ropeBase, "x.gguf")!;
        Assert.Equal("llama3", found["rope_type"]!.GetValue<string>());
        Assert.Equal(factor, found["factor"]!.GetValue<double>());

        // The function depends on the ratios to low only, and low is recovered as 1.
        Assert.Equal(high / low, found["high_freq_factor"]!.GetValue<double>(), 3);
        Assert.InRange(found["original_max_position_embeddings"]!.GetValue<int>(), (original / low) - 1, (original / low) + 1);
    }

    [Fact]
    public void Divisors_without_meaning_are_refused()
    {
        Assert.Null(RopeFactors.ToScaling([1, 1, 1, 1], 10000, "x.gguf"));
        Assert.Equal("linear", RopeFactors.ToScaling([4, 4], 10000, "x.gguf")!["rope_type"]!.GetValue<string>());
        foreach (var divisors in (float[][])[[1, 7, 2, 9], [0, 0], [1, float.NaN], [1, float.PositiveInfinity], [-1, 3, 8]])
        {
            Assert.Throws<CheckpointException>(() => RopeFactors.ToScaling(divisors, 10000, "x.gguf"));
        }
    }

    internal static string FixturePath =>
        Path.Combine(SharedData.RepositoryRoot, "tests", "Rebound.Checkpoints.Tests", "Fixtures", "dequantization.jsonl");
}
