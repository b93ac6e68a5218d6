using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Cli.Terminal;

namespace Rebound.Cli.Rows;

/// <summary>
/// Writes JSON lines to a file, or to standard output without one. The file appears under its name when all rows are in
/// it; what an interrupted run wrote stays beside it as <c>NAME.partial</c>, and the input may be the output.
/// </summary>
internal sealed class RowWriter : IDisposable
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CommandTerminal _terminal;
    private readonly string? _path;
    private readonly string? _partial;
    private readonly TextWriter _writer;
    private bool _completed;

    /// <exception cref="IOException">The file cannot be made.</exception>
    public RowWriter(string? path, CommandTerminal terminal)
    {
        _terminal = terminal;
        if (path is null or "-")
        {
            _writer = terminal.Output;
            return;
        }

        _path = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? Path.GetFullPath(path);
        if (Directory.Exists(_path))
        {
            throw new InputException($"--output {path} is a folder; give the name of a file.");
        }

        // A device or a pipe is written as it is; a file of its name would take its place.
        _partial = _path.StartsWith("/dev/", StringComparison.Ordinal) || _path.StartsWith("/proc/", StringComparison.Ordinal) ? null : $"{_path}.partial";
        _writer = new StreamWriter(_partial ?? _path);
    }

    public int Count { get; private set; }

    public void Write(JsonNode row)
    {
        _writer.Write(row.ToJsonString(OneLine));
        _writer.Write('\n');
        Count++;
    }

    /// <summary>All rows are written: gives the file its name.</summary>
    public void Complete()
    {
        _writer.Flush();
        _completed = true;
        if (_path is not null)
        {
            _writer.Dispose();
        }

        if (_partial is not null)
        {
            File.Move(_partial, _path!, overwrite: true);
        }
    }

    public void Dispose()
    {
        if (_completed)
        {
            return;
        }

        if (_path is null)
        {
            _writer.Flush();
            return;
        }

        _writer.Dispose();
        if (_partial is not null && Count == 0)
        {
            File.Delete(_partial);
        }
        else if (_partial is not null)
        {
            _terminal.Note($"What is finished ({Count} {(Count == 1 ? "row" : "rows")}) is in {_partial}.");
        }
    }
}
