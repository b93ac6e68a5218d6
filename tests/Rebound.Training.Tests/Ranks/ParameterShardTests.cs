using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Engine.Collectives;
using Rebound.Models.Parameters;
using Rebound.Training.Checkpoints;
using Rebound.Training.Ranks;

namespace Rebound.Training.Tests.Ranks;

public sealed class ParameterShardTests : IDisposable
{
    private const string Name = "moment";

    private readonly string _root = Directory.CreateTempSubdirectory("rebound-shards-").FullName;
    private readonly CpuBackend _backend = new(1);
    private readonly Models.LlamaModel _model;

    public ParameterShardTests() => _model = TestDocuments.Model(_backend);

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public void The_parts_of_any_number_of_ranks_are_the_whole(int ranks)
    {
        var written = 0L;
        for (var rank = 0; rank < ranks; rank++)
        {
            using var part = Part(rank, ranks);
            ParameterShard.Write(_root, Name, part, ParameterShard.SourceOf(part));
            using var file = new SafetensorsFile(Path.Combine(_root, ParameterShard.FileName(Name, rank + 1, ranks)));
            written += file.Tensors.Values.Sum(tensor => tensor.Count);
        }

        Assert.Equal(_model.Weights.Table.Count, written);
        using var whole = ShardedTensors.Open(_root, Name);
        AssertWhole(whole);
    }

    [Fact]
    public void Rank_0_reads_all_of_which_the_others_serve_their_parts()
    {
        ThreadCommunicator.Run(3, ranks =>
        {
            using var part = Part(ranks.Rank, ranks.Size);
            Assert.False(part.IsReadable);
            using var gathered = new GatheredParameters(ranks, part);
            if (ranks.Rank > 0)
            {
                gathered.Serve();
                return;
            }

            AssertWhole(gathered);
            gathered.End();
        });
    }

    [Fact]
    public void Parts_that_do_not_make_a_whole_are_told_in_a_sentence()
    {
        var other = Shard("b", 2, 2, [3f], """{"shape":[1],"range":[0,1]}""");
        Write(Shard("a", 1, 3, [0f, 1], """{"shape":[2,2],"range":[0,2]}"""), Shard("a", 3, 3, [3f], """{"shape":[2,2],"range":[3,4]}"""));
        Refused("moment-00001-of-00002", "The file is absent, and there are 2 parts of moment.");
        Write(Shard("a", 1, 2, [0f, 1], """{"shape":[2,2],"range":[0,2]}"""), Shard("a", 2, 2, [3f], """{"shape":[2,2],"range":[3,4]}"""));
        Refused("moment-00002-of-00002", "It begins at element 3, and the parts before it end at 2.");
        Write(Shard("a", 1, 2, [0f, 1], """{"shape":[2,2],"range":[0,2]}"""), other);
        Refused("moment-*", "The parts have 2 of its 4 elements.");
        Write(Shard("a", 1, 2, [0f, 1], """{"shape":[2,2],"range":[0,2]}"""), Shard("a", 2, 2, [3f], """{"shape":[3],"range":[2,3]}"""));
        Refused("moment-00002-of-00002", "Its shape is [3], and another in an earlier part.");
        Write(Shard("a", 1, 2, [0f], """{"shape":[1],"range":[0,2]}"""), other);
        Refused("moment-00001-of-00002", "which is no range of its 1 elements.");
        Write(Shard("a", 1, 2, [0f], "nonsense"), other);
        Refused("moment-00001-of-00002", "The metadata are no shape and range: ");
        Write(Shard("a", 1, 2, [0f], """{"shape":[2147483647,2147483647,2147483647],"range":[0,1]}"""), other);
        Refused("moment-*", "has more elements than can be addressed.");
        Write(Shard("a", 1, 2, [0f], null), other);
        Refused("moment-00001-of-00002", "The metadata do not say which elements they are.");
    }

    private ParameterSet Part(int rank, int ranks)
    {
        var part = new ParameterSet(
            _backend, _model.Weights.Table, DType.Float32, part: new ParameterPart(rank, ranks), storage: ParameterStorage.OwnPart);
        part.Load(_model.Weights);
        return part;
    }

    private void AssertWhole(ITensorSource whole)
    {
        Assert.Equal(_model.Weights.Tensors.Keys.Order(), whole.Tensors.Keys.Order());
        foreach (var tensor in _model.Weights.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            var (expected, actual) = (new float[tensor.Count], new float[tensor.Count]);
            _model.Weights.Read(tensor.Name, expected);
            whole.Read(tensor.Name, actual);
            Assert.Equal(tensor.Shape, whole.Tensors[tensor.Name].Shape);
            Assert.Equal(expected, actual);
        }
    }

    private void Write(params Action[] shards)
    {
        foreach (var file in Directory.GetFiles(_root))
        {
            File.Delete(file);
        }

        Array.ForEach(shards, write => write());
    }

    private Action Shard(string tensor, int part, int parts, float[] values, string? metadata) => () =>
        SafetensorsWriter.Write(
            Path.Combine(_root, ParameterShard.FileName(Name, part, parts)), new OneTensor(tensor, values), [tensor], StoredFloatType.F32,
            metadata is null ? null : new Dictionary<string, string> { [tensor] = metadata });

    private void Refused(string file, string sentence)
    {
        var message = Assert.Throws<CheckpointException>(() => ShardedTensors.Open(_root, Name)).Message;
        Assert.Contains(file, message);
        Assert.Contains(sentence, message);
    }

    private sealed class OneTensor(string name, float[] values) : ITensorSource
    {
        public string Location => "memory";

        public IReadOnlyDictionary<string, StoredTensor> Tensors { get; } =
            new Dictionary<string, StoredTensor> { [name] = new(name, [values.Length], "F32") };

        public void Read(string tensor, Span<float> destination) => values.CopyTo(destination);

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
