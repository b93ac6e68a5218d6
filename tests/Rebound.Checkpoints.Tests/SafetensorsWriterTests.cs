using System.Text.Json.Nodes;
using Rebound.Checkpoints.Safetensors;
using Rebound.Quantization;
using Rebound.Testing;

namespace Rebound.Checkpoints.Tests;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    public void A_file_is_the_reference_librarys_byte_for_byte(string model)
    {
        var folder = SharedData.Path($"golden/models/{model}");
        using var source = new SafetensorsFolder(folder);
        SafetensorsWriter.Write(_folder.File("x.safetensors"), source, source.Tensors.Keys, StoredFloatType.F32);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder, "model.safetensors")), File.ReadAllBytes(_folder.File("x.safetensors")));
    }

    [Fact]
    public void What_is_written_is_read_whatever_the_shapes_types_and_shards()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            using var tensors = RandomTensors(random);
            var type = (StoredFloatType)random.Next(3);
            var folder = Directory.CreateDirectory(_folder.File($"{seed}")).FullName;
            var limit = random.Next(1, 4000);
            SafetensorsWriter.WriteFolder(folder, tensors, tensors.Tensors.Keys, type, limit);
            using var read = new SafetensorsFolder(folder);
            Assert.Equal(tensors.Tensors.Keys.Order(), read.Tensors.Keys.Order());
            foreach (var (name, tensor) in tensors.Tensors)
            {
                Assert.Equal(tensor.Shape, read.Tensors[name].Shape);
                Assert.Equal(type.ToString(), read.Tensors[name].StoredType);
                var values = new float[tensor.Count];
                read.Read(name, values);
                Assert.Equal(tensors[name].Select(value => Rounded(value, type)), values);
            }

            AssertShards(folder, limit);
        }
    }

    [Theory]
    [InlineData(0x3F800000u, 0x3F80)] // 1
    [InlineData(0x3F808000u, 0x3F80)] // a tie, to even: down
    [InlineData(0x3F818000u, 0x3F82)] // a tie, to even: up
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0x3F807FFFu, 0x3F80)]
    [InlineData(0x7F7FFFFFu, 0x7F80)] // the largest float is nearest to infinity
    [InlineData(0xFF800000u, 0xFF80)]
    [InlineData(0x7F800001u, 0x7FC0)] // a NaN whose payload lies in the lower half stays one
    [InlineData(0xFFFFFFFFu, 0xFFFF)]
    [InlineData(0x80000000u, 0x8000)]
    [InlineData(0x00008000u, 0x0000)]
    [InlineData(0x00018000u, 0x0002)]
    public void Bfloat16_is_rounded_to_the_nearest_ties_to_even(uint bits, int expected)
    {
        foreach (var length in (int[])[1, 15, 16, 17, 33])
        {
            var narrowed = new ushort[length];
            HalfPrecision.NarrowBFloat16(Enumerable.Repeat(BitConverter.UInt32BitsToSingle(bits), length).ToArray(), narrowed);
            Assert.All(narrowed, value => Assert.Equal(expected, value));
        }
    }

    [Fact]
    public void Pieces_in_any_order_make_the_file_that_whole_tensors_make()
    {
        var folder = SharedData.Path("golden/models/llama2_mha");
        using var source = new SafetensorsFolder(folder);
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        SafetensorsWriter.WritePieces(_folder.File("x.safetensors"), source.Tensors.Values.Reverse(), metadata, put =>
        {
            foreach (var tensor in source.Tensors.Values)
            {
                var values = new float[tensor.Count];
                source.Read(tensor.Name, values);
                var half = values.Length / 2;
                put(tensor.Name, half, values.AsSpan(half));
                put(tensor.Name, 0, values.AsSpan(0, half));
                Assert.Throws<ArgumentOutOfRangeException>(() => put(tensor.Name, 1, values));
            }
        });

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder, "model.safetensors")), File.ReadAllBytes(_folder.File("x.safetensors")));
    }

    [Fact]
    public void A_part_of_a_tensor_is_read_alone()
    {
        SafetensorsWriter.WritePieces(
            _folder.File("x.safetensors"), [new StoredTensor("a", [5], "F32"), new StoredTensor("b", [2], "F32")],
            new Dictionary<string, string>(), put => put("a", 1, [1, 2, 3]));
        using var file = new SafetensorsFile(_folder.File("x.safetensors"));

        var part = new float[3];
        file.ReadPart("a", 2, part);

        Assert.Equal([2, 3, 0], part);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadPart("a", 3, part));
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder.Write("x.safetensors", "old");
        using var tensors = new FailingTensors();
        Assert.Throws<CheckpointException>(
            () => SafetensorsWriter.Write(path, tensors, tensors.Tensors.Keys, StoredFloatType.F32));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    private static float Rounded(float value, StoredFloatType type) => type switch
    {
        StoredFloatType.F32 => value,
        StoredFloatType.F16 => (float)(Half)value,
        _ => RoundedToBFloat16(value),
    };

    /// <summary>The nearer of the two neighbours, found by their distances in double precision.</summary>
    private static float RoundedToBFloat16(float value)
    {
        var below = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000);
        var above = BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000) + 0x10000);
        var (down, up) = (Math.Abs((double)value - below), Math.Abs((double)above - value));
        var belowIsEven = (BitConverter.SingleToUInt32Bits(below) & 0x10000) == 0;
        return down < up || (down == up && belowIsEven) ? below : above;
    }

    private static void AssertShards(string folder, long limit)
    {
        var files = Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal).ToArray();
        if (files is ["model.safetensors"])
        {
            return;
        }

        var index = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "model.safetensors.index.json")))!;
        var shards = files.Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal)).ToArray();
        Assert.Equal(Enumerable.Range(1, shards.Length).Select(i => $"model-{i:d5}-of-{shards.Length:d5}.safetensors"), shards);
        long total = 0;
        foreach (var shard in shards)
        {
            using var file = new SafetensorsFile(Path.Combine(folder, shard));
            Assert.Equal("pt", file.Metadata["format"]);
            var bytes = file.Tensors.Values.Sum(tensor => tensor.Count * (tensor.StoredType == "F32" ? 4 : 2));
            Assert.True(bytes <= limit || file.Tensors.Count == 1, $"{shard} has {bytes} bytes of {limit}");
            total += bytes;
        }

        Assert.Equal(total, index["metadata"]!["total_size"]!.GetValue<long>());
    }

    private static ArrayTensors RandomTensors(Random random)
    {
        var tensors = new ArrayTensors();
        var count = random.Next(1, 12);
        for (var i = 0; i < count; i++)
        {
            var shape = Enumerable.Range(0, random.Next(0, 4)).Select(_ => (long)random.Next(0, 12)).ToArray();
            var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            for (var j = 0; j < values.Length; j++)
            {
                values[j] = (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-12, 12)));
            }

            tensors.Add($"{(char)random.Next('a', 'z')}.{i}.\"é<", shape, values);
        }

        return tensors;
    }

    private sealed class FailingTensors : ITensorSource
    {
        public string Location => "memory";

        public IReadOnlyDictionary<string, StoredTensor> Tensors { get; } =
            new Dictionary<string, StoredTensor> { ["x"] = new("x", [4], "F32") };

        public void Read(string name, Span<float> destination) => throw new CheckpointException(Location, name, "It is gone.");

        public void Dispose()
        {
        }
    }
}
