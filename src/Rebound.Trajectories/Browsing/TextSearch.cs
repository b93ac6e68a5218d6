using System.Buffers;
using System.Text;
using System.Text.Json;
using Rebound.Files.Rows;

namespace Rebound.Trajectories.Browsing;

/// <summary>
/// Looks for a text in the rows of a file, in whatever case. Rows are read as they stand first, and only those that have it somewhere
/// become trajectories, which are asked where people would look.
/// </summary>
internal sealed class TextSearch : IDisposable
{
    private readonly IndexedFile _file;
    private readonly string _text;
    private readonly SearchValues<string> _needle;
    private readonly bool _standsAsItIs;
    private readonly FileStream? _stream;
    private byte[] _bytes = new byte[1 << 16];
    private char[] _characters = new char[1 << 16];

    public TextSearch(IndexedFile file, string text)
    {
        (_file, _text) = (file, text);
        _needle = SearchValues.Create([text], StringComparison.OrdinalIgnoreCase);

        // Anything else JSON may write in several ways.
        _standsAsItIs = text.All(character => char.IsAsciiLetterOrDigit(character) || " .,:;!?()[]{}-_*=#%$^|~@".Contains(character));
        try
        {
            _stream = file.Open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _stream = null;
        }
    }

    public bool Finds(TrajectoryEntry entry, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_stream is null || entry.Problem is not null || (_standsAsItIs && !StandsIn(entry)))
        {
            return false;
        }

        try
        {
            return Texts(_file.Read(entry)).Any(text => text.Contains(_text, StringComparison.OrdinalIgnoreCase));
        }
        catch (DataException)
        {
            return false;
        }
    }

    public void Dispose() => _stream?.Dispose();

    private bool StandsIn(TrajectoryEntry entry)
    {
        if (_bytes.Length < entry.Bytes)
        {
            (_bytes, _characters) = (new byte[entry.Bytes], new char[entry.Bytes]);
        }

        var read = RandomAccess.Read(_stream!.SafeFileHandle, _bytes.AsSpan(0, entry.Bytes), entry.Start);
        var characters = Encoding.UTF8.GetChars(_bytes.AsSpan(0, read), _characters);
        return _characters.AsSpan(0, characters).ContainsAny(_needle);
    }

    private static IEnumerable<string> Texts(Trajectory trajectory) =>
    [
        trajectory.Id,
        .. trajectory.Turns.SelectMany(turn => (IEnumerable<string>)
        [
            turn.Content,
            .. turn.ToolCalls.SelectMany(call => (string[])[call.Name, call.Arguments]),
            .. turn.Reasons ? [turn.Members[Turn.ReasoningMember].GetString()!] : Array.Empty<string>(),
        ]),
        .. new[] { trajectory.Outcome.Prediction, trajectory.Outcome.GroundTruth }.OfType<JsonElement>()
            .Select(answer => answer.ValueKind == JsonValueKind.String ? answer.GetString()! : answer.GetRawText()),
    ];
}
