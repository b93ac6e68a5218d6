using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

internal static unsafe partial class DriverApi
{
    /// <summary>Calls of other threads, which cannot belong to the graph, stay allowed.</summary>
    private const int CaptureOfThisThread = 1;

    /// <summary>Begins a graph of all that is enqueued on a stream from here on, which is not run.</summary>
    public static void BeginCapture(StreamHandle stream) => Check(cuStreamBeginCapture(stream.Value, CaptureOfThisThread));

    /// <summary>Ends a capture; the graph is null where something was enqueued that no graph can hold.</summary>
    public static GraphHandle? EndCapture(StreamHandle stream, out int result)
    {
        nint graph = 0;
        result = cuStreamEndCapture(stream.Value, &graph);
        return result == 0 && graph != 0 ? new GraphHandle(graph) : null;
    }

    /// <exception cref="CudaException">The capture failed with a status.</exception>
    public static CudaException CaptureFailure(int result) => Failure(result, "cuStreamEndCapture(stream, &graph)");

    public static GraphProgramHandle Instantiate(GraphHandle graph)
    {
        nint program;
        Check(cuGraphInstantiateWithFlags(&program, graph.Value, 0));
        return new GraphProgramHandle(program);
    }

    public static void Launch(GraphProgramHandle program, StreamHandle stream) => Check(cuGraphLaunch(program.Value, stream.Value));

    [LibraryImport(Library, EntryPoint = "cuStreamBeginCapture_v2")]
    private static partial int cuStreamBeginCapture(nint stream, int mode);

    [LibraryImport(Library)]
    private static partial int cuStreamEndCapture(nint stream, nint* graph);

    [LibraryImport(Library)]
    private static partial int cuGraphInstantiateWithFlags(nint* program, nint graph, ulong flags);

    [LibraryImport(Library)]
    private static partial int cuGraphLaunch(nint program, nint stream);

    [LibraryImport(Library)]
    private static partial int cuGraphExecDestroy(nint program);

    [LibraryImport(Library)]
    private static partial int cuGraphDestroy(nint graph);

    internal sealed class GraphHandle(nint graph) : CudaHandle(graph)
    {
        protected override bool ReleaseHandle() => cuGraphDestroy(handle) == 0;
    }

    /// <summary>A graph that can be launched.</summary>
    internal sealed class GraphProgramHandle(nint program) : CudaHandle(program)
    {
        protected override bool ReleaseHandle() => cuGraphExecDestroy(handle) == 0;
    }
}
