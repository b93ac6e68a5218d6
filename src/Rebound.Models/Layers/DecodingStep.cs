using System.Numerics;
using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>
/// Steps over batches of one size, of one token for each document: the first one is run operation by operation, the second one
/// recorded, and the others run what was recorded.
/// </summary>
internal sealed class DecodingStep(Backend backend, DecodingSize size) : IDisposable
{
    private Recording? _recording;
    private DecodingMemory _memory;
    private bool _wasRun;

    /// <summary>The batch that the operations read, to be refilled before each step.</summary>
    public PreparedBatch Batch { get; } = backend.AllocateBatch(new BatchCapacity(size.Documents, size.Documents, size.SequencePages));

    /// <param name="operations">Enqueues the step; the same ones for the same <paramref name="memory"/>.</param>
    /// <param name="memory">The memory outside of the batch that they work on.</param>
    public void Run(Action operations, DecodingMemory memory)
    {
        if (_memory != memory || _recording is { IsValid: false })
        {
            _recording?.Dispose();
            (_recording, _memory, _wasRun) = (null, memory, false);
        }

        if (!_wasRun)
        {
            operations();
            _wasRun = true;
            return;
        }

        Batch.Derive();
        _recording ??= backend.Record(operations);
        _recording.Run();
    }

    public void Dispose()
    {
        _recording?.Dispose();
        Batch.Dispose();
    }
}

/// <summary>The size of a decoding batch.</summary>
/// <param name="Documents">Sequences, each with one token.</param>
/// <param name="SequencePages">The most pages of a sequence.</param>
/// <param name="Draws">Rows that tokens are drawn for.</param>
internal readonly record struct DecodingSize(int Documents, int SequencePages, int Draws)
{
    private const int FewestPages = 4;

    /// <summary>The size of a batch, of its pages the next power of two.</summary>
    public static DecodingSize Of(int documents, PageTable pages, int draws)
    {
        var longest = (uint)Math.Max(FewestPages, pages.LongestSequence);
        return new DecodingSize(documents, (int)BitOperations.RoundUpToPowerOf2(longest), draws);
    }
}

/// <summary>The memory that decoding works on beside activations and batch; a recording is for one of each.</summary>
/// <param name="Cache">[layers].</param>
internal readonly record struct DecodingMemory(SamplingRange Draws, KeyValuePages[] Cache, RotaryTable Rotary);
