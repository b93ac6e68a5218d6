using System.Runtime.InteropServices;

namespace Rebound.Engine.Cuda;

/// <summary>A <see cref="SamplingRow"/> as the kernel reads it: <c>sampling_row</c> of sampling.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct DeviceSamplingRow
{
    private const int DrawBits = 53;

    private readonly nint _edits;
    private readonly nint _raw;
    private readonly ulong _uniform;
    private readonly int _logitRow;
    private readonly int _editCount;
    private readonly float _temperature;
    private readonly float _topP;
    private readonly float _minP;
    private readonly float _guidance;
    private readonly int _topK;
    private readonly int _guided;
    private readonly int _likeliest;
    private readonly int _padding;

    private DeviceSamplingRow(in SamplingRow row, int logitRow, int likeliest, (nint Edits, nint Raw, int Count) edits)
    {
        (_edits, _raw, _editCount) = edits;
        (_logitRow, _likeliest) = (logitRow, likeliest);
        (_temperature, _topK, _topP, _minP) = (row.Temperature, row.TopK, row.TopP, row.MinP);
        (_guided, _guidance) = (row.Guidance is null ? 0 : 1, row.Guidance ?? 0);

        // A fraction of 2^64, of the bits that a double below 1 has.
        _uniform = (ulong)(row.Uniform * (1UL << DrawBits)) << (64 - DrawBits);
        _padding = 0;
    }

    /// <param name="logitRow">The row's first one, all rows' counted.</param>
    /// <param name="likeliest">How many of the likeliest tokens to write.</param>
    public static DeviceSamplingRow Of(in SamplingRow row, int logitRow, int likeliest, (nint Edits, nint Raw, int Count) edits) =>
        new(row, logitRow, likeliest, edits);
}
