using System.Runtime.InteropServices;
using System.Text;
using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;

namespace Rebound.Testing;

/// <summary>Writes small GGUF files for tests, and lies in them when asked to.</summary>
internal sealed class GgufBuilder
{
    private readonly List<(string Key, object Value)> _metadata = [];
    private readonly List<(string Name, long[] Shape, uint Type, byte[] Data)> _tensors = [];

    public uint Magic { get; set; } = 0x46554747;

    public uint Version { get; set; } = 3;

    public ulong? TensorCount { get; set; }

    public ulong? EntryCount { get; set; }

    public int Alignment { get; set; } = 32;

    /// <summary>Changes the offsets that the header claims.</summary>
    public Func<string, ulong, ulong> Offset { get; set; } = (_, offset) => offset;

    public GgufBuilder Set(string key, object value)
    {
        _metadata.RemoveAll(entry => entry.Key == key);
        _metadata.Add((key, value));
        return this;
    }

    public GgufBuilder Remove(string key)
    {
        _metadata.RemoveAll(entry => entry.Key == key);
        return this;
    }

    /// <param name="shape">Row-major, as Hugging Face has it.</param>
    public GgufBuilder Add(string name, long[] shape, uint type, byte[] data)
    {
        _tensors.Add((name, shape, type, data));
        return this;
    }

    public GgufBuilder Add(string name, long[] shape, float[] values) =>
        Add(name, shape, 0, MemoryMarshal.AsBytes<float>(values).ToArray());

    public GgufBuilder RemoveTensor(string name)
    {
        _tensors.RemoveAll(tensor => tensor.Name == name);
        return this;
    }

    public byte[] Build()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(TensorCount ?? (ulong)_tensors.Count);
        writer.Write(EntryCount ?? (ulong)_metadata.Count);
        foreach (var (key, value) in _metadata)
        {
            WriteText(writer, key);
            WriteValue(writer, value);
        }

        ulong offset = 0;
        foreach (var (name, shape, type, data) in _tensors)
        {
            WriteText(writer, name);
            writer.Write((uint)shape.Length);
            foreach (var extent in shape.Reverse())
            {
                writer.Write(extent);
            }

            writer.Write(type);
            writer.Write(Offset(name, offset));
            offset += (ulong)(data.Length + Padding(data.Length));
        }

        foreach (var (_, _, _, data) in _tensors)
        {
            writer.Write(new byte[Padding(stream.Position)]);
            writer.Write(data);
        }

        return stream.ToArray();
    }

    private long Padding(long position) => (Alignment - (position % Alignment)) % Alignment;

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteValue(BinaryWriter writer, object value)
    {
        if (value is Array array)
        {
            writer.Write((uint)GgufValueType.Array);
            writer.Write((uint)TypeOf(array.GetType().GetElementType()!));
            writer.Write((ulong)array.Length);
            foreach (var element in array)
            {
                WriteScalar(writer, element);
            }
        }
        else
        {
            writer.Write((uint)TypeOf(value.GetType()));
            WriteScalar(writer, value);
        }
    }

    private static GgufValueType TypeOf(Type type) =>
        type == typeof(uint) ? GgufValueType.UInt32
        : type == typeof(int) ? GgufValueType.Int32
        : type == typeof(ulong) ? GgufValueType.UInt64
        : type == typeof(float) ? GgufValueType.Float32
        : type == typeof(double) ? GgufValueType.Float64
        : type == typeof(bool) ? GgufValueType.Bool
        : type == typeof(string) ? GgufValueType.String
        : throw new ArgumentException($"{type} is not written.");

    private static void WriteScalar(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case uint number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            case ulong number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case double number: writer.Write(number); break;
            case bool flag: writer.Write(flag); break;
            default: WriteText(writer, (string)value); break;
        }
    }

    /// <summary>The smallest model that is accepted: one layer, four heads of eight.</summary>
    public static GgufBuilder Tiny() => new GgufBuilder()
        .Set("general.architecture", "llama")
        .Set("llama.block_count", 1u)
        .Set("llama.context_length", 64u)
        .Set("llama.embedding_length", 32u)
        .Set("llama.feed_forward_length", 16u)
        .Set("llama.attention.head_count", 4u)
        .Set("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .Add("token_embd.weight", [3, 32], new float[96])
        .Add("blk.0.attn_q.weight", [32, 32], new float[1024])
        .Add("output_norm.weight", [32], new float[32]);
}
