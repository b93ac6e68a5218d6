using System.Text.Json.Nodes;
using System.Threading.Channels;
using Rebound.Agents.Chat;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Parsing;

namespace Rebound.Server.Agents;

/// <summary>Tells what an agent does as events, in the order in which it does it.</summary>
/// <param name="created">Of the event that comes before all others, with the first of them.</param>
/// <param name="tools">Those that it may call; null for none.</param>
internal sealed class AgentEvents(Func<JsonObject> created, ToolSet? tools, ToolFormat format, ActionParsing parsing) : IAgentObserver
{
    private readonly Channel<JsonObject> _events = Channel.CreateUnbounded<JsonObject>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly TrajectoryWriter _writer = new(TrajectoryFormat.NatInstruct);
    private TurnPieces _pieces = new();
    private IReadOnlyList<ToolCall> _calls = [];
    private int _turn = -1;
    private bool _hasBegun;
    private bool _isAsked;

    /// <summary>The events, until <see cref="End"/>.</summary>
    public ChannelReader<JsonObject> Events => _events.Reader;

    public void Asked()
    {
        _turn++;
        (_pieces, _isAsked) = (new TurnPieces(), true);
    }

    public void Wrote(string text) => Show(_pieces.Append(text));

    public void Reasoned(string text) => Tell("turn.reasoning.delta", ("delta", text));

    public void WroteReasoning()
    {
        Show(_pieces.Flush());
        _pieces = new TurnPieces();
        Tell("turn.reasoning");
    }

    public void Said(Turn turn)
    {
        Show(_pieces.Flush());
        _calls = Calls(turn);
        Tell(
            "turn.completed",
            ("message", _writer.Write(turn)),
            ("calls", new JsonArray([.. _calls.Select(call => new JsonObject
            {
                ["id"] = call.Id,
                ["name"] = call.Name,
                ["arguments"] = call.Arguments,
            })])));
    }

    public void Observed(Turn turn)
    {
        var id = turn.Members.TryGetValue(ChatMessages.CallId, out var value) ? value.GetString() : null;
        var prefix = id is null && turn.Content.StartsWith(AgentLoop.Observation, StringComparison.Ordinal)
            ? AgentLoop.Observation.Length
            : 0;
        Tell(
            "observation",
            ("call_id", id),
            ("name", _calls.FirstOrDefault(call => call.Id == id)?.Name),
            ("content", turn.Content[prefix..]),
            ("error", turn.Members.TryGetValue(CallFaults.Member, out var fault) ? fault.GetString() : null));
    }

    /// <summary>The agent does nothing more.</summary>
    /// <param name="completed">The last event; null where there is none.</param>
    public void End(JsonObject? completed)
    {
        if (completed is not null)
        {
            Tell("run.completed", ("run", completed));
        }

        _events.Writer.TryComplete();
    }

    private void Show(IReadOnlyList<TurnPiece> pieces)
    {
        foreach (var piece in pieces.Where(piece => !piece.IsLabel))
        {
            Tell($"turn.{piece.Part.ToString().ToLowerInvariant()}.delta", ("delta", piece.Text));
        }
    }

    /// <summary>The calls that a turn makes: its native ones, or the action of its text.</summary>
    private IReadOnlyList<ToolCall> Calls(Turn turn)
    {
        if (tools is null || format == ToolFormat.Native)
        {
            return turn.ToolCalls;
        }

        var parsed = parsing == ActionParsing.Reference
            ? ReferenceActions.Parse(turn.Content)
            : TolerantActions.Parse(turn.Content, tools.ActionNames);
        return parsed.IsWellFormed ? [new ToolCall(null, parsed.Tool!, parsed.Argument!)] : [];
    }

    private void Tell(string type, params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            _events.Writer.TryWrite(new JsonObject { ["type"] = "run.created", ["run"] = created() });
        }

        if (_isAsked)
        {
            _isAsked = false;
            _events.Writer.TryWrite(new JsonObject { ["type"] = "turn.created", ["turn"] = _turn });
        }

        var told = new JsonObject { ["type"] = type };
        if (type != "run.completed")
        {
            told["turn"] = _turn;
        }

        foreach (var (name, value) in members)
        {
            told[name] = value;
        }

        _events.Writer.TryWrite(told);
    }
}
