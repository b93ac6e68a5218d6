using System.Runtime.InteropServices;
using System.Text;
using Rebound.Engine.Collectives;

namespace Rebound.Training.Objectives;

/// <summary>Means of what an objective sees in a step, by the names that people know from other trainers.</summary>
internal sealed class StepMetrics
{
    private readonly Dictionary<string, (double Sum, long Count)> _means = [];

    public void Add(string name, double value)
    {
        ref var mean = ref CollectionsMarshal.GetValueRefOrAddDefault(_means, name, out _);
        mean = (mean.Sum + value, mean.Count + 1);
    }

    /// <summary>Adds what the other ranks have seen, so that the means are those of all.</summary>
    public void Join(Communicator ranks)
    {
        var messages = ranks.Exchange(ToBytes());
        _means.Clear();
        foreach (var message in messages)
        {
            using var reader = new BinaryReader(new MemoryStream(message), Encoding.UTF8);
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                ref var mean = ref CollectionsMarshal.GetValueRefOrAddDefault(_means, reader.ReadString(), out _);
                mean = (mean.Sum + reader.ReadDouble(), mean.Count + reader.ReadInt64());
            }
        }
    }

    /// <summary>The means in the order of their names; empty for an objective that has none.</summary>
    public IReadOnlyDictionary<string, double> Means() => _means.OrderBy(mean => mean.Key, StringComparer.Ordinal)
        .ToDictionary(mean => mean.Key, mean => mean.Value.Sum / mean.Value.Count);

    private byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(_means.Count);
        foreach (var (name, (sum, count)) in _means)
        {
            writer.Write(name);
            writer.Write(sum);
            writer.Write(count);
        }

        writer.Flush();
        return stream.ToArray();
    }
}
