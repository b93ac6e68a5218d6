namespace Rebound.Engine;

/// <summary>
/// Operations that were recorded once (<see cref="Backend.Record"/>) and can be enqueued again at the cost of one call. They
/// read and write the same tensors and prepared batches as then, with what those hold now.
/// </summary>
public abstract class Recording : IDisposable
{
    /// <summary>Whether it can still be run: not after the backend moved scratch memory that it works in; record anew then.</summary>
    public abstract bool IsValid { get; }

    /// <summary>Enqueues the operations.</summary>
    /// <exception cref="InvalidOperationException">It is not valid any more.</exception>
    public void Run()
    {
        if (!IsValid)
        {
            throw new InvalidOperationException("The backend's scratch memory has moved since the operations were recorded.");
        }

        RunCore();
    }

    public abstract void Dispose();

    protected abstract void RunCore();
}
