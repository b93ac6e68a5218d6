using Rebound.Engine;

namespace Rebound.Inference.Tests;

/// <summary>
/// A backend as a GPU's is to the scheduler: decoding batches are padded, recorded and run again, and the tokens of a step come one step
/// later.
/// </summary>
internal sealed class RecordingBackend(Backend inner) : PassThroughBackend(inner)
{
    public override bool CanRecord => true;

    /// <summary>How often something was recorded, and how often a recording was run.</summary>
    public (int Made, int Runs) Recordings { get; private set; }

    protected override Recording RecordCore(Action operations)
    {
        Recordings = (Recordings.Made + 1, Recordings.Runs);
        return new Repeated(() =>
        {
            Recordings = (Recordings.Made, Recordings.Runs + 1);
            operations();
        });
    }

    private sealed class Repeated(Action operations) : Recording
    {
        private bool _isDisposed;

        public override bool IsValid => !_isDisposed;

        public override void Dispose() => _isDisposed = true;

        protected override void RunCore() => operations();
    }
}
