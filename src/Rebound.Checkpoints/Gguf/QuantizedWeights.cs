using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>The weights of a model in the types that a GGUF file of some type gives them, without that file.</summary>
public static class QuantizedWeights
{
    /// <param name="config">The <c>config.json</c> with every key that the computation depends on.</param>
    /// <param name="tensors">The weights by Hugging Face's names; not disposed.</param>
    /// <param name="work">Runs the parts of rounding a tensor, whenever one is read.</param>
    /// <exception cref="CheckpointException">GGUF has no such architecture, or no name for a tensor.</exception>
    public static ITensorSource Of(JsonObject config, ITensorSource tensors, GgufFileType type, ParallelWork work)
    {
        var architecture = new ArchitectureEntries(config, tensors.Location);
        var types = new TensorTypes(type, architecture.Layers, architecture.Tied, architecture.SharesValues);
        return new RoundedTensors(
            tensors,
            tensors.Tensors.Where(pair => !ParameterNames.IsBuffer(pair.Key)).ToDictionary(
                pair => pair.Key,
                pair => types.Of(
                    GgufNames.ToGguf(pair.Key) ?? throw new CheckpointException(
                        tensors.Location, pair.Key, "GGUF has no name for this tensor in the Llama family."),
                    pair.Value.Shape)),
            work);
    }
}
