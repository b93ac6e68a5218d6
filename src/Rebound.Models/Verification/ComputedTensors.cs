using Rebound.Checkpoints;
using Rebound.Models.Parameters;

namespace Rebound.Models.Verification;

/// <summary>Parameters as operations read them: what is kept in bf16 is bf16, though it may be exact for its optimizer.</summary>
internal sealed class ComputedTensors(ParameterSet parameters) : ITensorSource
{
    public string Location => parameters.Location;

    public IReadOnlyDictionary<string, StoredTensor> Tensors => parameters.Tensors;

    public void Read(string name, Span<float> destination) => parameters.ReadComputed(name, destination);

    public void Dispose()
    {
        // The parameters belong to their model.
    }
}
