using System.Text;

namespace Rebound.Agents.Tools;

/// <summary>Drains a process's standard error, so that the process never blocks on it, and keeps the last lines.</summary>
internal sealed class ErrorLines
{
    private const int MostLines = 20;
    private const int LongestLine = 1_000;

    private readonly Queue<string> _lines = new();
    private readonly Action<string>? _onLine;
    private readonly Task _reading;

    /// <param name="onLine">Told every line as it is written; null for nobody.</param>
    public ErrorLines(TextReader error, Action<string>? onLine)
    {
        _onLine = onLine;
        _reading = Task.Run(() => ReadAsync(error));
    }

    /// <summary>The last lines, each behind a line feed and a blank; nothing where there are none.</summary>
    public string Told()
    {
        lock (_lines)
        {
            return _lines.Count == 0 ? "" : $" It last wrote:\n{string.Join('\n', _lines.Select(line => $"  {line}"))}";
        }
    }

    /// <summary>Waits until all is read of a process that has ended.</summary>
    public Task EndAsync(TimeSpan patience) => Task.WhenAny(_reading, Task.Delay(patience));

    private async Task ReadAsync(TextReader error)
    {
        var (buffer, line) = (new char[4_096], new StringBuilder());
        try
        {
            for (int length; (length = await error.ReadAsync(buffer)) > 0;)
            {
                foreach (var character in buffer.AsSpan(0, length))
                {
                    Take(line, character);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process is closed; what it said before is kept.
        }

        Take(line, '\n');
    }

    private void Take(StringBuilder line, char character)
    {
        if (character != '\n')
        {
            _ = line.Length < LongestLine ? line.Append(character) : line;
        }
        else if (line.ToString().TrimEnd() is { Length: > 0 } whole)
        {
            lock (_lines)
            {
                _lines.Enqueue(whole);
                _ = _lines.Count > MostLines ? _lines.Dequeue() : null;
            }

            _onLine?.Invoke(whole);
            line.Clear();
        }
        else
        {
            line.Clear();
        }
    }
}
