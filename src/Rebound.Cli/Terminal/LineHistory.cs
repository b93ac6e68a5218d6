using System.Text.Json;

namespace Rebound.Cli.Terminal;

/// <summary>
/// The lines typed so far, across runs: a JSON string a line, the newest last. A history that cannot be read or written does not stop
/// the program; <see cref="Problem"/> says why it is not kept.
/// </summary>
internal sealed class LineHistory
{
    private const int MostEntries = 1000;

    private readonly string? _path;
    private readonly List<string> _entries = [];
    private int _position;
    private string _draft = "";

    /// <param name="path">Null to keep nothing.</param>
    public LineHistory(string? path)
    {
        _path = path;
        try
        {
            if (path is not null && File.Exists(path))
            {
                _entries.AddRange(File.ReadLines(path).Select(Entry).OfType<string>());
                Trim(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problem = e.Message;
        }

        _position = _entries.Count;
    }

    /// <summary>Why typed lines are not kept for the next run; null while they are.</summary>
    public string? Problem { get; private set; }

    public IReadOnlyList<string> Entries => _entries;

    /// <summary>The user's folder for what a program remembers (XDG's state folder), and the file in it.</summary>
    public static string DefaultPath(string name)
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        var folder = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.IsPathRooted(state) ? state
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(folder, "rebound", name);
    }

    /// <summary>The entry before the one that is shown; null where there is none.</summary>
    /// <param name="shown">The line being edited, to come back to.</param>
    public string? Older(string shown)
    {
        if (_position == 0)
        {
            return null;
        }

        _draft = _position == _entries.Count ? shown : _draft;
        return _entries[--_position];
    }

    /// <summary>The entry after the one that is shown, and at last what was edited before; null where there is none.</summary>
    public string? Newer() =>
        _position == _entries.Count ? null
        : ++_position == _entries.Count ? _draft
        : _entries[_position];

    /// <summary>Keeps a line, unless it is blank or the same as the last one.</summary>
    public void Add(string line)
    {
        if (!string.IsNullOrWhiteSpace(line) && (_entries.Count == 0 || _entries[^1] != line))
        {
            _entries.Add(line);
            Keep(line);
        }

        _position = _entries.Count;
    }

    private void Keep(string line)
    {
        if (_path is null || Problem is not null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.AppendAllText(_path, JsonSerializer.Serialize(line) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Problem = e.Message;
        }
    }

    private void Trim(string path)
    {
        if (_entries.Count > 2 * MostEntries)
        {
            _entries.RemoveRange(0, _entries.Count - MostEntries);
            File.WriteAllLines(path, _entries.Select(entry => JsonSerializer.Serialize(entry)));
        }
    }

    /// <summary>The entry of a line; null for one that was cut off.</summary>
    private static string? Entry(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<string>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
