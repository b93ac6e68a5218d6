using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Rebound.Checkpoints.Safetensors;
using Rebound.Testing;

namespace Rebound.Checkpoints.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama2_mha")]
    [InlineData("llama3_gqa_ropescaled")]
    [InlineData("mistral_gqa")]
    [InlineData("qwen2_bias_tied")]
    [InlineData("qwen3_qknorm")]
    [InlineData("smollm2_tied")]
    public void Folders_of_the_reference_library_are_read_whole(string model)
    {
        using var source = new SafetensorsFolder(SharedData.Path($"golden/models/{model}"));
        Assert.Equal([199L, 64L], source.Tensors["model.embed_tokens.weight"].Shape);
        foreach (var (name, tensor) in source.Tensors)
        {
            var values = new float[tensor.Count];
            source.Read(name, values);
            Assert.All(values, value => Assert.True(float.IsFinite(value)));
            Assert.Contains(values, value => value != 0);
        }
    }

    [Fact]
    public void Oracle_files_hold_integers_too()
    {
        using var file = new SafetensorsFile(SharedData.Path("golden/models/llama2_mha/expected.safetensors"));
        var ids = file.ReadInt32("input_ids");
        Assert.Equal(2 * 37, ids.Length);
        Assert.All(ids, id => Assert.InRange(id, 0, 198));
        Assert.Contains(-100, file.ReadInt32("labels"));
        Assert.Throws<CheckpointException>(() => file.Read("input_ids", new float[2 * 37]));
        Assert.Throws<CheckpointException>(() => file.ReadInt32("logits"));
    }

    [Fact]
    public void Sixteen_bit_types_are_widened_exactly()
    {
        var bits = Enumerable.Range(0, 65536).Select(i => (ushort)i).ToArray();
        var bytes = MemoryMarshal.AsBytes(bits.AsSpan()).ToArray();
        var path = Write(
            """{"b":{"dtype":"BF16","shape":[65536],"data_offsets":[0,131072]},"h":{"dtype":"F16","shape":[65536],"data_offsets":[131072"""
                + """,262144]}}""",
            [.. bytes, .. bytes]);
        using var file = new SafetensorsFile(path);
        var values = new float[65536];
        file.Read("b", values);
        Assert.Equal(bits, values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)));
        file.Read("h", values);
        for (var i = 0; i < bits.Length; i++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf(bits[i]);
            Assert.True(values[i].Equals(expected), $"{bits[i]:x4}: {values[i]} is not {expected}");
        }
    }

    [Fact]
    public void Elements_need_not_be_aligned_and_scalars_and_empty_tensors_are_tensors()
    {
        var floats = MemoryMarshal.AsBytes<float>([1.5f, -2.5f]).ToArray();
        var path = Write(
            """{"odd":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"none":{"dtype":"F32","shape":[0,7],"data_offsets":[3,3]},"scalar":"""
                + """{"dtype":"F32","shape":[],"data_offsets":[3,7]},"x":{"dtype":"F32","shape":[1,1],"data_offsets":[7,11]}}""",
            [1, 2, 3, .. floats]);
        using var file = new SafetensorsFile(path);
        var one = new float[1];
        file.Read("scalar", one);
        Assert.Equal(1.5f, one[0]);
        file.Read("x", one);
        Assert.Equal(-2.5f, one[0]);
        file.Read("none", []);
        Assert.Throws<ArgumentException>(() => file.Read("x", new float[2]));
        Assert.Contains("'y'", Assert.Throws<CheckpointException>(() => file.Read("y", one)).Message);
    }

    [Fact]
    public void Sixty_four_bit_integers_are_read_when_they_fit()
    {
        const string Header = """{"x":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}""";
        using (var file = new SafetensorsFile(Write(Header, MemoryMarshal.AsBytes<long>([-100, int.MaxValue]).ToArray())))
        {
            Assert.Equal([-100, int.MaxValue], file.ReadInt32("x"));
        }

        using var wide = new SafetensorsFile(Write(Header, MemoryMarshal.AsBytes<long>([0, 1L << 31]).ToArray()));
        Assert.Throws<CheckpointException>(() => wide.ReadInt32("x"));
    }

    [Theory]
    [InlineData("""[]""", 0, "not start with '{'")]
    [InlineData("""{""", 0, "not valid JSON")]
    [InlineData("""{} x""", 0, "not valid JSON")]
    [InlineData("""{}""", 4, "holds 4 bytes")]
    [InlineData("""{"x":7}""", 0, "'x': Its entry is Number")]
    [InlineData("""{"\ud800":7}""", 0, "not valid JSON")]
    [InlineData("""{"__metadata__":7}""", 0, "not an object of strings")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "'a' is Number, not a string")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""", 4, "data_offsets is absent")]
    [InlineData("""{"x":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "dtype 'F33' is not known")]
    [InlineData("""{"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "'dtype' is there twice")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "shape holds -1")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "shape holds 1.5")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "not a begin and an end")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "not a begin and an end")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "takes 8 bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "more elements")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}""", 4, "is incomplete: ")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "leaves a gap")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "holds 8 bytes")]
    [InlineData(
        """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8,
        "'x' is there twice")]
    [InlineData(
        """{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "overlaps")]
    public void A_lying_header_is_named(string header, int dataBytes, string problem)
    {
        var path = Write(header, new byte[dataBytes]);
        var exception = Assert.Throws<CheckpointException>(() => new SafetensorsFile(path));
        Assert.Equal(path, exception.Path);
        Assert.Contains(problem, exception.Message);
    }

    [Fact]
    public void A_header_longer_than_the_file_is_refused_without_memory_for_it()
    {
        foreach (var length in (ulong[])[100, 1L << 40, ulong.MaxValue])
        {
            var content = new byte[64];
            BinaryPrimitives.WriteUInt64LittleEndian(content, length);
            Assert.Throws<CheckpointException>(() => new SafetensorsFile(_folder.Write("x.safetensors", content)));
        }

        Assert.Throws<CheckpointException>(() => new SafetensorsFile(_folder.Write("x.safetensors", [])));
        Assert.Throws<CheckpointException>(() => new SafetensorsFile(_folder.File("absent.safetensors")));
        Assert.Throws<CheckpointException>(() => new SafetensorsFile(_folder.Path));
    }

    [Fact]
    public void Every_truncation_and_every_changed_byte_of_a_header_is_an_exception_or_a_file_that_reads()
    {
        var path = Write(
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[5]"""
                + ""","data_offsets":[24,34]}}""",
            new byte[34]);
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            _folder.Write("cut.safetensors", whole[..length]);
            Assert.Throws<CheckpointException>(() => new SafetensorsFile(_folder.File("cut.safetensors")));
        }

        var random = new Random(7);
        for (var position = 0; position < whole.Length - 34; position++)
        {
            foreach (var value in (byte[])[(byte)'"', (byte)'9', (byte)random.Next(256)])
            {
                var changed = whole.ToArray();
                changed[position] = value;
                ReadsOrThrows(_folder.Write("changed.safetensors", changed));
            }
        }
    }

    [Fact]
    public void A_file_that_shrinks_after_it_was_opened_is_an_exception()
    {
        var path = Write("""{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", new byte[16]);
        using var file = new SafetensorsFile(path);
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(stream.Length - 8);
        }

        Assert.Throws<CheckpointException>(() => file.Read("x", new float[4]));
    }

    private static void ReadsOrThrows(string path)
    {
        try
        {
            using var file = new SafetensorsFile(path);
            foreach (var (name, tensor) in file.Tensors)
            {
                file.Read(name, new float[tensor.Count]);
            }
        }
        catch (CheckpointException)
        {
            // The only exception that a damaged file may cause.
        }
    }

    private string Write(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var content = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(content, json.Length);
        json.CopyTo(content, 8);
        data.CopyTo(content, 8 + json.Length);
        return _folder.Write("model.safetensors", content);
    }
}
