using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Models.Protocol;
using Rebound.Files.Json;
using Rebound.Traces.Conventions;

namespace Rebound.Gateway.Protocols;

/// <summary>OpenAI's <c>/chat/completions</c>, whole or in pieces, of servers that keep to it and of those that nearly do.</summary>
internal sealed class ChatProtocol : IRecordedProtocol
{
    private const string LastEvent = "[DONE]";

    public StreamEnd NewEnd() => new([$"data: {LastEvent}", $"data:{LastEvent}"], []);

    public Asked ReadRequest(JsonObject body)
    {
        if (body["messages"] is not JsonArray { Count: > 0 } messages)
        {
            throw new FormatException("the request has no messages");
        }

        return new Asked(
            Members.Text(body["model"]), null, Members.Messages(messages), ToolDefinitions.Read(body["tools"] ?? body["functions"]));
    }

    public Answered ReadAnswer(JsonObject body)
    {
        var answer = new Building();
        answer.Add(StrictJson.Element(body));
        return answer.Build(isOver: true);
    }

    public async Task<Answered> ReadEventsAsync(Stream events)
    {
        var (answer, isOver) = (new Building(), false);
        await foreach (var item in SseParser.Create(events).EnumerateAsync())
        {
            if (item.Data.Trim() == LastEvent)
            {
                isOver = true;
                break;
            }

            if (!string.IsNullOrWhiteSpace(item.Data))
            {
                answer.Add(Members.Event(item.Data));
            }
        }

        return answer.Build(isOver);
    }

    /// <summary>An answer as its pieces come.</summary>
    private sealed class Building
    {
        private readonly SortedDictionary<long, Choice> _choices = [];
        private string? _id;
        private string? _model;

        public void Add(JsonElement piece)
        {
            try
            {
                foreach (var choice in piece.Items("choices").Where(choice => choice.ValueKind == JsonValueKind.Object))
                {
                    Of(choice.Count("index") ?? 0).Add(piece, choice);
                }

                if (!piece.Items("choices").Any())
                {
                    // What has no choice may still tell an error.
                    AnswerPiece.Read(piece, new ToolCallPieces());
                }
            }
            catch (ServerException e)
            {
                throw new UnfinishedException("the upstream answered with an error", e);
            }

            _id ??= piece.Text("id") is { Length: > 0 } id ? id : null;
            _model ??= piece.Text("model") is { Length: > 0 } model ? model : null;
        }

        /// <param name="isOver">Whether the answer said so itself.</param>
        public Answered Build(bool isOver) =>
            _choices.Count == 0 ? throw new FormatException("the answer has no choices")
            : !isOver && _choices.Values.Any(choice => choice.Finish is null)
                ? throw new UnfinishedException("the answer was cut off")
            : new Answered(_id, _model, [.. _choices.Values.Select(choice => choice.Build())]);

        private Choice Of(long index) => _choices.TryGetValue(index, out var choice) ? choice : _choices[index] = new Choice();
    }

    private sealed class Choice
    {
        private readonly StringBuilder _text = new();
        private readonly StringBuilder _reasoning = new();
        private readonly StringBuilder _refusal = new();
        private readonly ToolCallPieces _pieces = new();
        private readonly SortedDictionary<int, (string? Id, string? Name, StringBuilder Arguments)> _calls = [];

        public string? Finish { get; private set; }

        public void Add(JsonElement piece, JsonElement choice)
        {
            var read = AnswerPiece.Read(piece, choice, _pieces);
            _text.Append(read.Message.Text);
            _reasoning.Append(read.Message.Reasoning);
            _refusal.Append(read.Message.Refusal);
            Add(read.Calls);
            Finish = read.Finish ?? Finish;
        }

        public AnsweredChoice Build()
        {
            Add(_pieces.Complete());
            var calls = new JsonArray([.. _calls.Values.Select(call => (JsonNode)new JsonObject
            {
                ["id"] = call.Id,
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments.ToString() },
            })]);
            var text = _text.Length > 0 ? _text : _refusal;
            return text.Length + _reasoning.Length + calls.Count == 0
                ? throw new FormatException("the answer says nothing")
                : new AnsweredChoice(
                    [MessageReader.Message(Trajectories.Roles.Assistant, text.ToString(), _reasoning.ToString(), calls)], Finish);
        }

        private void Add(IEnumerable<ToolCallPiece> pieces)
        {
            foreach (var piece in pieces)
            {
                var (id, name, arguments) = _calls.TryGetValue(piece.Index, out var call) ? call : (null, null, new StringBuilder());
                _calls[piece.Index] = (piece.Id ?? id, piece.Name ?? name, arguments.Append(piece.Arguments));
            }
        }
    }
}
