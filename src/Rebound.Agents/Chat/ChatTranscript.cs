using Rebound.Files;
using Rebound.Files.Json;

namespace Rebound.Agents.Chat;

/// <summary>
/// Writes a chat's exchanges as a file of trajectories: JSON lines, or a JSON list where the name ends with <c>.json</c>.
/// </summary>
public sealed class ChatTranscript
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>Writes the file, which appears under its name when it is whole. What this one wrote before is written over.</summary>
    /// <exception cref="ArgumentException">There is another file of this name.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path, IReadOnlyList<ChatExchange> exchanges)
    {
        var full = Path.GetFullPath(path);
        if (Path.Exists(full) && !_written.Contains(full))
        {
            throw new ArgumentException($"{path} is there already; choose another name.");
        }

        var rows = exchanges.Select(exchange => exchange.ToJson().ToJsonString(JsonOutput.OneLine));
        var isList = string.Equals(Path.GetExtension(path), ".json", StringComparison.OrdinalIgnoreCase);
        WholeFile.WriteText(full, isList ? $"[\n{string.Join(",\n", rows)}\n]\n" : string.Concat(rows.Select(row => row + "\n")));
        _written.Add(full);
    }
}
