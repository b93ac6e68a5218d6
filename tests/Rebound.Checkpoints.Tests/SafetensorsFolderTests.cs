using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Rebound.Checkpoints.Safetensors;
using Rebound.Testing;

namespace Rebound.Checkpoints.Tests;

public sealed class SafetensorsFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shards_are_found_through_the_index()
    {
        WriteShard("model-00001-of-00002.safetensors", ("a", [1, 2]));
        WriteShard("model-00002-of-00002.safetensors", ("b", [3]), ("c", [4]));
        WriteIndex(
            ("a", "model-00001-of-00002.safetensors"), ("b", "model-00002-of-00002.safetensors"),
            ("c", "model-00002-of-00002.safetensors"));
        using var source = new SafetensorsFolder(_folder.Path);
        Assert.Equal(["a", "b", "c"], source.Tensors.Keys.Order());
        var values = new float[2];
        source.Read("a", values);
        Assert.Equal([1f, 2f], values);
        source.Read("c", values.AsSpan(0, 1));
        Assert.Equal(4f, values[0]);
        Assert.Throws<CheckpointException>(() => source.Read("d", new float[1]));
    }

    [Fact]
    public void An_index_that_disagrees_with_the_shards_is_an_exception()
    {
        WriteShard("1.safetensors", ("a", [1]));
        WriteShard("2.safetensors", ("b", [2]));
        AssertRefused("'3.safetensors' is not in the folder", ("a", "1.safetensors"), ("b", "3.safetensors"));
        AssertRefused("'b': It is not in '1.safetensors'", ("a", "1.safetensors"), ("b", "1.safetensors"));
        AssertRefused("'b': It is not in '1.safetensors'", ("a", "1.safetensors"), ("b", "1.safetensors"), ("c", "2.safetensors"));
        AssertRefused("not the name of a file", ("a", "../1.safetensors"));
        AssertRefused("not the name of a file", ("a", ""));
        WriteShard("2.safetensors", ("a", [3]), ("b", [2]));
        AssertRefused("'a': It is stored in", ("a", "1.safetensors"), ("b", "2.safetensors"));
        WriteShard("2.safetensors", ("b", [3]), ("c", [2]));
        AssertRefused("'c': The index does not name it", ("a", "1.safetensors"), ("b", "2.safetensors"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"weight_map":[]}""")]
    [InlineData("""{"weight_map":{"a":1}}""")]
    [InlineData("""{"weight_map":{"a":"x","a":"y"}}""")]
    [InlineData("""{"weight_map":{"a":"\ud800"}}""")]
    public void An_index_that_is_no_index_is_an_exception(string index)
    {
        _folder.Write("model.safetensors.index.json", index);
        Assert.Throws<CheckpointException>(() => new SafetensorsFolder(_folder.Path));
    }

    [Fact]
    public void A_folder_without_weights_says_what_was_expected()
    {
        var message = Assert.Throws<CheckpointException>(() => new SafetensorsFolder(_folder.Path)).Message;
        Assert.Contains("model.safetensors", message);
        Assert.Contains(_folder.Path, message);
    }

    /// <summary>
    /// A Llama-2-7B of sparse shards (13.5 GB of bf16 by the headers): what is read is converted straight into its
    /// destination, with no managed memory beside it, and nothing of the files stays mapped.
    /// </summary>
    [Fact]
    public void Reading_a_7B_shaped_folder_takes_no_memory_beside_the_destination()
    {
        const int Layers = 32, Hidden = 4096, Intermediate = 11008, Vocabulary = 32000;
        List<(string Name, long[] Shape)> tensors = [("model.embed_tokens.weight", [Vocabulary, Hidden])];
        for (var layer = 0; layer < Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            tensors.AddRange([
                (prefix + "self_attn.q_proj.weight", [Hidden, Hidden]),
                (prefix + "self_attn.k_proj.weight", [Hidden, Hidden]),
                (prefix + "self_attn.v_proj.weight", [Hidden, Hidden]),
                (prefix + "self_attn.o_proj.weight", [Hidden, Hidden]),
                (prefix + "mlp.gate_proj.weight", [Intermediate, Hidden]),
                (prefix + "mlp.up_proj.weight", [Intermediate, Hidden]),
                (prefix + "mlp.down_proj.weight", [Hidden, Intermediate]),
                (prefix + "input_layernorm.weight", [Hidden]),
                (prefix + "post_attention_layernorm.weight", [Hidden]),
            ]);
        }

        tensors.AddRange([("model.norm.weight", [Hidden]), ("lm_head.weight", [Vocabulary, Hidden])]);
        List<(string, string)> index = [];
        foreach (var (shard, i) in tensors.Chunk(100).Select((shard, i) => (shard, i)))
        {
            var name = $"model-{i + 1:d5}-of-00003.safetensors";
            WriteSparseShard(name, shard);
            index.AddRange(shard.Select(tensor => (tensor.Name, name)));
        }

        WriteIndex([.. index]);
        using var source = new SafetensorsFolder(_folder.Path);
        Assert.Equal(6_738_415_616, source.Tensors.Values.Sum(tensor => tensor.Count));

        var destination = new float[(long)Hidden * Hidden];
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var layer in (int[])[0, 10, 31])
        {
            source.Read($"model.layers.{layer}.self_attn.q_proj.weight", destination);
            AssertNothingIsMapped();
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    private void AssertNothingIsMapped()
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.DoesNotContain(_folder.Path, File.ReadAllText("/proc/self/maps"));
        }
    }

    private void AssertRefused(string problem, params (string Name, string Shard)[] index)
    {
        WriteIndex(index);
        Assert.Contains(problem, Assert.Throws<CheckpointException>(() => new SafetensorsFolder(_folder.Path)).Message);
    }

    private void WriteIndex(params (string Name, string Shard)[] index) => _folder.Write(
        "model.safetensors.index.json",
        "{\"metadata\":{\"total_size\":0},\"weight_map\":{"
            + string.Join(",", index.Select(entry => $"\"{entry.Name}\":\"{entry.Shard}\"")) + "}}");

    private void WriteShard(string file, params (string Name, float[] Values)[] tensors)
    {
        var header = Header("F32", 4, tensors.Select(tensor => (tensor.Name, new[] { (long)tensor.Values.Length })));
        var data = MemoryMarshal.AsBytes<float>(tensors.SelectMany(tensor => tensor.Values).ToArray());
        _folder.Write(file, [.. header, .. data]);
    }

    private void WriteSparseShard(string file, (string Name, long[] Shape)[] tensors)
    {
        using var stream = File.Create(_folder.File(file));
        stream.Write(Header("BF16", 2, tensors));
        stream.SetLength(stream.Length + tensors.Sum(tensor => 2 * tensor.Shape.Aggregate((a, b) => a * b)));
    }

    private static byte[] Header(string dtype, int size, IEnumerable<(string Name, long[] Shape)> tensors)
    {
        var offset = 0L;
        var entries = tensors.Select(tensor =>
        {
            var begin = offset;
            offset += size * tensor.Shape.Aggregate((a, b) => a * b);
            return $$"""
                "{{tensor.Name}}":{"dtype":"{{dtype}}","shape":[{{string.Join(",", tensor.Shape)}}],"data_offsets":[{{begin}},{{offset}}]}
                """;
        });
        var json = Encoding.UTF8.GetBytes("{" + string.Join(",", entries) + "}");
        var header = new byte[8 + json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(header, json.Length);
        json.CopyTo(header, 8);
        return header;
    }
}
