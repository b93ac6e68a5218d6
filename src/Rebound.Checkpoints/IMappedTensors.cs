namespace Rebound.Checkpoints;

/// <summary>
/// Tensors of a file in mapped memory, which the system reads when they are touched and takes back as it needs. Outlives the source. The
/// file must not be changed in place meanwhile; one that is replaced by another stays as it was.
/// </summary>
public interface IMappedTensors : IDisposable
{
    /// <summary>Where the bytes of a matrix lie, if its rows lie there in Hugging Face's order; null otherwise.</summary>
    nint? Find(string name);
}
