namespace Rebound.Engine;

public abstract partial class Backend
{
    /// <summary>Whether <see cref="Record"/> can be called, and is worth it: where enqueuing operations takes a host's time.</summary>
    public virtual bool CanRecord => false;

    /// <summary>
    /// Records operations without running them. They must have been run before, on tensors and batches of the same sizes, so that
    /// nothing is compiled, measured or allocated meanwhile; none may wait for the device or copy from the host. What they launch
    /// is fixed from then on: of a prepared batch the numbers of tokens and documents, not what they are.
    /// </summary>
    /// <exception cref="NotSupportedException">The backend records nothing.</exception>
    public Recording Record(Action operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        return RecordCore(operations);
    }

    protected virtual Recording RecordCore(Action operations) =>
        throw new NotSupportedException($"{nameof(Record)}: {Description} runs operations as they are called.");
}
