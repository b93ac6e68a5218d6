using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda.Interop;

internal static unsafe partial class DriverApi
{
    private const uint NonBlockingStream = 1;
    private const uint EventDefault = 0;
    private const uint EventDisableTiming = 2;

    // Lower numbers come first; the driver takes the lowest that the device has.
    private const int HighestPriority = -1000;

    /// <summary>Retains a device's primary context, which is destroyed when its last holder releases it.</summary>
    public static PrimaryContext RetainPrimaryContext(int index)
    {
        int device;
        nint context;
        Check(cuInit(0));
        Check(cuDeviceGet(&device, index));
        Check(cuDevicePrimaryCtxRetain(&context, device));
        return new PrimaryContext(context, device);
    }

    /// <summary>Makes a context the one that this thread's calls go to.</summary>
    public static void SetCurrentContext(PrimaryContext context) => Check(cuCtxSetCurrent(context.Value));

    public static int Attribute(int device, DeviceAttribute attribute)
    {
        int value;
        Check(cuDeviceGetAttribute(&value, (int)attribute, device));
        return value;
    }

    /// <summary>A stream that does not wait for the null stream.</summary>
    public static StreamHandle CreateStream()
    {
        nint stream;
        Check(cuStreamCreate(&stream, NonBlockingStream));
        return new StreamHandle(stream);
    }

    /// <summary>A stream whose kernels get the multiprocessors that come free ahead of another's.</summary>
    public static StreamHandle CreateUrgentStream()
    {
        nint stream;
        Check(cuStreamCreateWithPriority(&stream, NonBlockingStream, HighestPriority));
        return new StreamHandle(stream);
    }

    public static void Synchronize(StreamHandle stream) => Check(cuStreamSynchronize(stream.Value));

    public static EventHandle CreateEvent(bool timed)
    {
        nint result;
        Check(cuEventCreate(&result, timed ? EventDefault : EventDisableTiming));
        return new EventHandle(result);
    }

    public static void Record(EventHandle timer, StreamHandle stream) => Check(cuEventRecord(timer.Value, stream.Value));

    /// <summary>Operations of a stream from now on wait for an event.</summary>
    public static void Wait(StreamHandle stream, EventHandle happened) => Check(cuStreamWaitEvent(stream.Value, happened.Value, 0));

    public static void Synchronize(EventHandle timer) => Check(cuEventSynchronize(timer.Value));

    /// <summary>Milliseconds between two events that have happened.</summary>
    public static float ElapsedMilliseconds(EventHandle start, EventHandle end)
    {
        float milliseconds;
        Check(cuEventElapsedTime(&milliseconds, start.Value, end.Value));
        return milliseconds;
    }

    [LibraryImport(Library)]
    private static partial int cuInit(uint flags);

    [LibraryImport(Library)]
    private static partial int cuDeviceGet(int* device, int ordinal);

    [LibraryImport(Library)]
    private static partial int cuDeviceGetAttribute(int* value, int attribute, int device);

    [LibraryImport(Library)]
    private static partial int cuDevicePrimaryCtxRetain(nint* context, int device);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static partial int cuDevicePrimaryCtxRelease(int device);

    [LibraryImport(Library)]
    private static partial int cuCtxSetCurrent(nint context);

    [LibraryImport(Library)]
    private static partial int cuStreamCreate(nint* stream, uint flags);

    [LibraryImport(Library)]
    private static partial int cuStreamCreateWithPriority(nint* stream, uint flags, int priority);

    [LibraryImport(Library, EntryPoint = "cuStreamDestroy_v2")]
    private static partial int cuStreamDestroy(nint stream);

    [LibraryImport(Library)]
    private static partial int cuStreamSynchronize(nint stream);

    [LibraryImport(Library)]
    private static partial int cuStreamWaitEvent(nint stream, nint happened, uint flags);

    [LibraryImport(Library)]
    private static partial int cuEventCreate(nint* result, uint flags);

    [LibraryImport(Library, EntryPoint = "cuEventDestroy_v2")]
    private static partial int cuEventDestroy(nint handle);

    [LibraryImport(Library)]
    private static partial int cuEventRecord(nint handle, nint stream);

    [LibraryImport(Library)]
    private static partial int cuEventSynchronize(nint handle);

    [LibraryImport(Library)]
    private static partial int cuEventElapsedTime(float* milliseconds, nint start, nint end);

    /// <summary>A retained primary context.</summary>
    internal sealed class PrimaryContext(nint context, int device) : CudaHandle(context)
    {
        public int Device => device;

        protected override bool ReleaseHandle() => cuDevicePrimaryCtxRelease(device) == 0;
    }

    internal sealed class StreamHandle(nint stream) : CudaHandle(stream)
    {
        protected override bool ReleaseHandle() => cuStreamDestroy(handle) == 0;
    }

    internal sealed class EventHandle(nint value) : CudaHandle(value)
    {
        protected override bool ReleaseHandle() => cuEventDestroy(handle) == 0;
    }
}

/// <summary>Facts that the driver tells about a device, by the driver's numbers.</summary>
internal enum DeviceAttribute
{
    MultiprocessorCount = 16,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    SharedMemoryPerBlock = 97,
}
