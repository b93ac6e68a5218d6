using Rebound.Quantization;

namespace Rebound.Checkpoints;

/// <summary>Tensors whose reading can be cancelled, also in the middle of many gigabytes.</summary>
/// <param name="tensors">Where they are read; not disposed.</param>
/// <param name="cancellation">When cancelled, reading throws <see cref="OperationCanceledException"/>.</param>
public sealed class InterruptibleTensors(ITensorSource tensors, CancellationToken cancellation) : ITensorSource
{
    public string Location => tensors.Location;

    public IReadOnlyDictionary<string, StoredTensor> Tensors => tensors.Tensors;

    public void Read(string name, Span<float> destination)
    {
        cancellation.ThrowIfCancellationRequested();
        tensors.Read(name, destination);
    }

    public void ReadRows(string name, long first, Span<float> destination)
    {
        cancellation.ThrowIfCancellationRequested();
        tensors.ReadRows(name, first, destination);
    }

    public BlockType? StoredAs(string name) => tensors.StoredAs(name);

    public void ReadStored(string name, Span<byte> destination)
    {
        cancellation.ThrowIfCancellationRequested();
        tensors.ReadStored(name, destination);
    }

    public IMappedTensors? MapStored() => tensors.MapStored();

    public bool TryReadBFloat16(string name, BFloat16Piece take) => tensors.TryReadBFloat16(name, piece =>
    {
        cancellation.ThrowIfCancellationRequested();
        take(piece);
    });

    public void Dispose()
    {
        // The tensors belong to the caller.
    }
}
