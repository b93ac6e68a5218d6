using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;

namespace Rebound.Agents.Models.Protocol;

/// <summary>A call of a tool, or a piece of one.</summary>
/// <param name="Index">Of the call within its answer.</param>
/// <param name="Id">Null but in a call's first piece.</param>
/// <param name="Name">Null where it was said before, or is not said yet.</param>
/// <param name="Arguments">JSON text, or the next piece of it.</param>
internal sealed record ToolCallPiece(int Index, string? Id, string? Name, string Arguments)
{
    /// <summary>This one and the call's next piece.</summary>
    public ToolCallPiece Add(ToolCallPiece next) => new(Index, Id, Name ?? next.Name, Arguments + next.Arguments);
}

/// <summary>
/// Tells the calls of one answer apart as their pieces come: by their ids, by their indices, or by their order where a server gives
/// neither or gives all the same index.
/// </summary>
internal sealed class ToolCallPieces
{
    /// <summary>Numbers the calls that their servers give no id, for the life of the process.</summary>
    private static int _unnamed;

    /// <summary>The name of a call without one, which no tool has.</summary>
    private const string Unnamed = "unnamed";

    private readonly List<Call> _calls = [];

    /// <param name="message">A whole message or a piece of one.</param>
    /// <param name="areWhole">Whether every call that is listed is one by itself.</param>
    public IReadOnlyList<ToolCallPiece> Read(JsonElement message, bool areWhole)
    {
        var listed = message.Items("tool_calls").ToList();
        if (listed.Count == 0 && message.Member("function_call") is { ValueKind: JsonValueKind.Object } single)
        {
            return [Read(single, single, isNew: areWhole || _calls.Count == 0)];
        }

        var calls = listed.Where(call => call.ValueKind == JsonValueKind.Object);
        return [.. calls.Select(call => Read(call, call.Member("function") ?? call, isNew: areWhole || Find(call) is null))];
    }

    /// <summary>Pieces that fill in the names and arguments that calls still lack at the end of an answer.</summary>
    public IReadOnlyList<ToolCallPiece> Complete() =>
    [
        .. _calls.Where(call => !call.IsNamed || call.IsBlank)
            .Select(call => new ToolCallPiece(call.Number, null, call.IsNamed ? null : Unnamed, call.IsBlank ? "{}" : "")),
    ];

    private ToolCallPiece Read(JsonElement piece, JsonElement function, bool isNew)
    {
        var (id, name) = (Id(piece), function.Text("name") is { Length: > 0 } said ? said : null);
        var call = isNew ? new Call(_calls.Count, Index(piece), id) : Find(piece) ?? _calls[^1];
        if (isNew)
        {
            _calls.Add(call);
        }

        var arguments = Arguments(function.Member("arguments") ?? function.Member("parameters") ?? function.Member("input"));
        call.Arguments.Append(arguments);
        var isNamed = call.IsNamed;
        call.IsNamed |= name is not null;
        return new ToolCallPiece(call.Number, isNew ? UniqueId(id) : null, isNamed ? null : name, arguments);
    }

    /// <summary>The call that a piece belongs to; null for a new one.</summary>
    private Call? Find(JsonElement piece)
    {
        var (id, index) = (Id(piece), Index(piece));
        if (id is not null)
        {
            return _calls.Find(call => call.Id == id);
        }

        var last = index is null ? _calls.LastOrDefault() : _calls.FindLast(call => call.Index == index);
        var isNamed = !string.IsNullOrEmpty((piece.Member("function") ?? piece).Text("name"));
        return last is not null && isNamed && last.IsNamed && (index is null || last.IsWhole) ? null : last;
    }

    /// <summary>Nine letters and digits, as the strictest server wants them, where there is no id or it was used already.</summary>
    private string UniqueId(string? id) => id is not null && _calls.Count(call => call.Id == id) == 1
        ? id
        : $"call{Interlocked.Increment(ref _unnamed) % 100_000:D5}";

    private static string? Id(JsonElement piece) => piece.Text("id") is { Length: > 0 } id ? id : null;

    private static long? Index(JsonElement piece) => piece.Count("index");

    private static string Arguments(JsonElement? written) => written switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        var json => json.Value.GetRawText(),
    };

    private sealed class Call(int number, long? index, string? id)
    {
        public int Number => number;

        public long? Index => index;

        public string? Id => id;

        public bool IsNamed { get; set; }

        public StringBuilder Arguments { get; } = new();

        public bool IsBlank => string.IsNullOrWhiteSpace(Arguments.ToString());

        public bool IsWhole
        {
            get
            {
                try
                {
                    return StrictJson.ParseElement(Arguments.ToString(), DuplicateNames.Kept).ValueKind != JsonValueKind.Null;
                }
                catch (JsonException)
                {
                    return false;
                }
            }
        }
    }
}
