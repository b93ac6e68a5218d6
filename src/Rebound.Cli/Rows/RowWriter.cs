using System.Text.Json.Nodes;
using Rebound.Cli.Paths;
using Rebound.Cli.Terminal;
using Rebound.Files;
using Rebound.Files.Json;

namespace Rebound.Cli.Rows;

/// <summary>
/// Writes JSON lines to a file, or to standard output without one; as a list for those who ask. The file appears under
/// its name when all rows are in it; what an interrupted run wrote stays beside it as <c>NAME.partial</c> where it was
/// dear, and the input may be the output.
/// </summary>
internal sealed class RowWriter : IDisposable
{
    private readonly CommandTerminal _terminal;
    private readonly string? _path;
    private readonly string? _partial;
    private readonly FolderLock? _lock;
    private readonly string? _named;
    private readonly TextWriter _writer;
    private readonly bool _asList;
    private readonly bool _keepPartial;
    private bool _completed;

    /// <param name="path">The file; null or - for standard output.</param>
    /// <param name="asList">Whether to write one JSON list instead of JSON lines.</param>
    /// <param name="keepPartial">Whether rows of a run that does not complete are worth keeping.</param>
    /// <exception cref="InputException">It is a folder, or in none, or nothing can be written there.</exception>
    /// <exception cref="FolderInUseException">Another run writes it.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public RowWriter(string? path, CommandTerminal terminal, bool asList = false, bool keepPartial = true)
    {
        (_asList, _keepPartial) = (asList, keepPartial);
        (_terminal, _named) = (terminal, path);
        if (path is null or "-")
        {
            _writer = terminal.Output;
            return;
        }

        _path = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? Path.GetFullPath(path);
        PathChecks.RequireOutput(_path);
        if (PathChecks.IsWrittenInPlace(_path))
        {
            _writer = new StreamWriter(_path);
            return;
        }

        _lock = FolderLock.TakeName(_path);
        _partial = WholeFile.PartialOf(_path);
        _writer = new StreamWriter(_partial);
    }

    public int Count { get; private set; }

    public void Write(JsonNode row)
    {
        _writer.Write(!_asList ? "" : Count == 0 ? "[\n" : ",\n");
        _writer.Write(row.ToJsonString(JsonOutput.OneLine));
        _writer.Write(_asList ? "" : "\n");
        Count++;
    }

    /// <summary>Completes the file under its name, and reports the path.</summary>
    /// <param name="next">A command line for what can be done with them; null for none.</param>
    public void Complete(string? next = null)
    {
        _writer.Write(!_asList ? "" : Count == 0 ? "[]\n" : "\n]\n");
        _writer.Flush();
        _completed = true;
        if (_path is not null)
        {
            _writer.Dispose();
        }

        if (_partial is not null)
        {
            WholeFile.Complete(_partial, _path!);
            _terminal.Note($"Wrote {CountText.Of(Count, "row")}: {_named}");
            _terminal.Next("Look at them", next);
        }

        _lock?.Dispose();
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
        if (_partial is not null && (Count == 0 || !_keepPartial))
        {
            File.Delete(_partial);
        }
        else if (_partial is not null)
        {
            _terminal.Note($"What is finished ({CountText.Of(Count, "row")}) is in {_partial}.");
        }

        _lock?.Dispose();
    }
}
