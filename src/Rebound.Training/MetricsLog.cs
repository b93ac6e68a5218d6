using System.Text.Json;

namespace Rebound.Training;

/// <summary>The steps of a run as JSON lines, one a step, written through as they come.</summary>
public sealed class MetricsLog : IDisposable
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "metrics.jsonl";

    private readonly StreamWriter _writer;

    /// <summary>Begins the file anew, its folder too if that is not there.</summary>
    public MetricsLog(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _writer = new StreamWriter(path) { AutoFlush = true, NewLine = "\n" };
    }

    public void Write(StepReport report) => _writer.WriteLine(JsonSerializer.Serialize(report));

    public void Dispose() => _writer.Dispose();
}
