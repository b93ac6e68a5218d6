using System.Runtime.InteropServices;
using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Testing;

namespace Rebound.Checkpoints.Tests;

public sealed class GgufQuantizationTests
{
    private static readonly Dictionary<string, GgmlType> Types =
        new[] { GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1,
            GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K }.ToDictionary(type => type.Name);

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("Q8_0")]
    [InlineData("Q4_0")]
    [InlineData("Q4_1")]
    [InlineData("Q5_0")]
    [InlineData("Q5_1")]
    public void Plain_types_have_the_bytes_of_the_reference(string name)
    {
        using var golden = new SafetensorsFile(SharedData.Path("golden/gguf/quantized.safetensors"));
        var input = Read(golden, "input");
        var expected = Bytes(SharedData.Path("golden/gguf/quantized.safetensors"), name);
        var type = Types[name];
        var blocks = new byte[type.BytesOf(input.Length)];
        type.Quantize(input, blocks);
        Assert.Equal(expected, blocks);
        var values = new float[input.Length];
        type.Dequantize(blocks, values);
        Assert.Equal(Read(golden, $"{name}.dequantized"), values);
    }

    /// <summary>A code of a symmetric type errs by half a step; the largest of 2^(bits−1) steps is the largest magnitude.</summary>
    [Theory]
    [InlineData("Q4_K", 15)]
    [InlineData("Q5_K", 31)]
    [InlineData("Q6_K", 63)]
    public void Super_blocks_err_by_less_than_half_a_step_of_even_steps(string name, int steps)
    {
        var type = Types[name];
        var random = new Random(1);
        foreach (var spread in (float[])[1, 1e-3f, 3e2f])
        {
            var values = new float[16 * 256];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = spread * (float)(random.NextDouble() + random.NextDouble() - 1);
            }

            var written = Rounded(type, values);
            for (var start = 0; start < values.Length; start += 32)
            {
                var some = values.AsSpan(start, 32);
                var range = MemoryMarshal.ToEnumerable<float>(values.AsMemory(start, 32)).Max(MathF.Abs) * 2;
                double error = 0;
                for (var i = 0; i < some.Length; i++)
                {
                    error += Math.Pow(some[i] - written[start + i], 2);
                }

                Assert.InRange(Math.Sqrt(error / 32), 0, range / steps / 2);
            }
        }
    }

    [Theory]
    [InlineData("Q4_K")]
    [InlineData("Q5_K")]
    [InlineData("Q6_K")]
    public void Super_blocks_without_a_scale_are_held(string name)
    {
        var type = Types[name];
        Assert.All(Rounded(type, new float[256]), value => Assert.Equal(0, value));
        Assert.All(Rounded(type, [.. Enumerable.Repeat(1e-30f, 256)]), value => Assert.InRange(value, 0, 1e-8f));
        Assert.All(Rounded(type, [.. Enumerable.Repeat(3f, 256)]), value => Assert.InRange(value, 2.95f, 3.05f));
        Assert.All(Rounded(type, [.. Enumerable.Repeat(-3f, 256)]), value => Assert.InRange(value, -3.05f, -2.95f));
        var one = new float[256];
        one[77] = -1000;
        Assert.Equal(-1000, Rounded(type, one)[77], 0.5f);
        Assert.All(Rounded(type, one).Where((_, i) => i / 32 != 77 / 32), value => Assert.Equal(0, value));
    }

    private static float[] Rounded(GgmlType type, float[] values)
    {
        var blocks = new byte[type.BytesOf(values.Length)];
        type.Quantize(values, blocks);
        var written = new float[values.Length];
        type.Dequantize(blocks, written);
        return written;
    }

    private static float[] Read(SafetensorsFile file, string name)
    {
        var values = new float[file.Tensors[name].Count];
        file.Read(name, values);
        return values;
    }

    /// <summary>A tensor of bytes, which the reader of numbers does not take.</summary>
    private static byte[] Bytes(string path, string name)
    {
        var file = File.ReadAllBytes(path);
        var header = (int)BitConverter.ToUInt64(file);
        var json = System.Text.Json.Nodes.JsonNode.Parse(file.AsSpan(8, header))!;
        var offsets = json[name]!["data_offsets"]!;
        return file[(8 + header + (int)offsets[0]!)..(8 + header + (int)offsets[1]!)];
    }
}
