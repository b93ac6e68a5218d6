using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Agents.Models;
using Rebound.Cli.Models;
using Rebound.Inference.Chat;
using Rebound.Inference.Generation;
using Rebound.Trajectories;

namespace Rebound.Cli.Agents;

/// <summary>A checkpoint that is computed here, as <c>--model</c> and <c>--adapter</c> name it.</summary>
internal sealed class LocalAgentModel : AgentModel
{
    private readonly OpenedModel _opened;
    private AskedModel _asked;
    private LocalChatModel? _model;

    public LocalAgentModel(CommandContext context)
    {
        _opened = new OpenedModel(context);
        try
        {
            _asked = AskedModel.Of(_opened.Source, ReasoningModes.Find(context.Get(SharedOptions.Reasoning)));
        }
        catch
        {
            _opened.Dispose();
            throw;
        }
    }

    public override string Name => _opened.Name;

    public override AgentCard? Card => _asked.Card;

    public override ToolFormat ToolFormat => _asked.ToolFormat;

    public override void Describe(JsonObject description)
    {
        base.Describe(description);
        description["weights"] = Weights();
        if (_asked.Renderer.Reasoning is { } reasoning)
        {
            description["reasoning"] = reasoning;
        }
    }

    protected override bool CountsTokens => true;

    /// <summary>Reads the weights, the first time.</summary>
    public override IChatClient Open(int conversations, ModelMeter meter) => _model ??= new LocalChatModel(_opened.Weights, _opened.Source.Tokenizer, _asked, conversations);

    public override OwnSampling Sampling => OwnSampling.Read(_opened.Source.GenerationConfigJson, _opened.Source.Location);

    public override void SampleAsItsOwn() => _asked = _asked with { Sampling = Sampling.Over(_asked.Sampling) };

    public override void ThrowIfBroken() => _model?.ThrowIfBroken();

    public override void Dispose()
    {
        _model?.Dispose();
        _opened.Dispose();
    }

    /// <summary>Tells weights from those that a training wrote in their place.</summary>
    private string Weights()
    {
        string[] places = [_opened.Source.Location, .. _opened.Source.Adapter is { } adapter ? [adapter.Location] : Array.Empty<string>()];
        var files = places.SelectMany(place => File.Exists(place) ? [place] : Directory.GetFiles(place))
            .Where(path => Path.GetExtension(path) is ".safetensors" or ".gguf").Select(path => new FileInfo(path)).ToArray();
        var newest = files.Max(file => file.LastWriteTimeUtc).ToString("O", CultureInfo.InvariantCulture);
        return $"{files.Sum(file => file.Length)} bytes, written {newest}";
    }
}
