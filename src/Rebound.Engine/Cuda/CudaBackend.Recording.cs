using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine;

public sealed unsafe partial class CudaBackend
{
    public override bool CanRecord => true;

    /// <remarks>A CUDA graph: one launch of it takes the host what one kernel does, and less passes between its kernels.</remarks>
    protected override Recording RecordCore(Action operations)
    {
        MakeCurrent();
        var moves = Moves;
        DriverApi.BeginCapture(_stream);
        DriverApi.GraphHandle? graph;
        int result;
        try
        {
            operations();
        }
        finally
        {
            graph = DriverApi.EndCapture(_stream, out result);
        }

        using (graph ?? throw DriverApi.CaptureFailure(result))
        {
            return new RecordedGraph(this, DriverApi.Instantiate(graph), moves);
        }
    }

    /// <summary>How often scratch memory that recordings hold the addresses of has moved.</summary>
    private int Moves => _workspace.Moves + _widened.Moves;

    private sealed class RecordedGraph(CudaBackend backend, DriverApi.GraphProgramHandle program, int moves) : Recording
    {
        public override bool IsValid => backend.Moves == moves;

        public override void Dispose()
        {
            backend.MakeCurrent();
            DriverApi.Synchronize(backend._stream);
            program.Dispose();
        }

        protected override void RunCore()
        {
            backend.MakeCurrent();
            DriverApi.Launch(program, backend._stream);
        }
    }
}
