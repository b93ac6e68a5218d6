using System.Text;
using Rebound.Training.Evaluation;

namespace Rebound.Training.Metrics;

/// <summary>The steps of a run as JSON lines, one a step, written through as they come.</summary>
public sealed class MetricsLog : IDisposable
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    private readonly FileStream _stream;

    /// <summary>Opens the file behind its last line, or begins it.</summary>
    public MetricsLog(string path) =>
        _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>Writes a step's line, whole or, when the disk is full, not at all.</summary>
    public void Write(StepReport report, HeldOutReport? heldOut)
    {
        var end = _stream.Position;
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(report.ToJson(heldOut).ToJsonString() + "\n"));
        }
        catch
        {
            _stream.SetLength(end);
            throw;
        }
    }

    public void Dispose() => _stream.Dispose();
}
