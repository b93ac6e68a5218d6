using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;

namespace Rebound.Models.Export;

/// <summary>The weights of an opened model, rounded to the types of a GGUF file whenever they are read, on all cores.</summary>
public sealed class QuantizedBase : IDisposable
{
    private readonly CoreWork _work = new();

    /// <param name="source">Not disposed.</param>
    /// <exception cref="CheckpointException">GGUF has no such architecture.</exception>
    public QuantizedBase(ModelSource source, GgufFileType type)
    {
        try
        {
            Tensors = QuantizedWeights.Of(source.Config.ToJson(), source.Tensors, type, _work.Run);
        }
        catch
        {
            _work.Dispose();
            throw;
        }
    }

    public ITensorSource Tensors { get; }

    public void Dispose() => _work.Dispose();
}
