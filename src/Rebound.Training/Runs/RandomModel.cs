using System.Text;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Models;
using Rebound.Models.Parameters;

namespace Rebound.Training.Runs;

/// <summary>A model of random weights.</summary>
internal sealed class RandomModel(JsonObject config, TokenizerSource tokenizer, long seed) : StartingModel
{
    public override string Name => "random weights";

    public override JsonObject ConfigJson => config;

    public override LlamaConfig Config { get; } = LlamaConfig.Parse(config, "The configuration of a model of random weights");

    public override TokenizerSource Tokenizer => tokenizer;

    public override string Fingerprint =>
        $"config {Crc32C.Of(Encoding.UTF8.GetBytes(config.ToJsonString())):x8}, random weights of seed {seed}";

    protected override IReadOnlyList<int> NamedEndTokenIds => Config.EosTokenIds;

    protected override LlamaModel LoadStart(
        Backend backend, ParameterPart? part, ParameterStorage storage, bool lowerInHost, CancellationToken cancellation) =>
        LlamaModel.Initialize(backend, Config, unchecked((ulong)seed), part, storage, lowerInHost);
}
