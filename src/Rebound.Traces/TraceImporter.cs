using System.Text.Json.Nodes;
using Rebound.Traces.Conventions;
using Rebound.Traces.Otlp;
using Rebound.Traces.Runs;
using Rebound.Trajectories;

namespace Rebound.Traces;

/// <summary>
/// Makes trajectories of the traces of agents. Of a run's answers the one that was asked with the most messages tells the whole of it:
/// every later question repeats what was said before.
/// </summary>
public sealed class TraceImporter
{
    private readonly OrderedDictionary<string, int> _leftOut = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, int> _withoutOutcome = new(StringComparer.Ordinal);
    private readonly RunFinder _finder;
    private readonly OutcomeFinder _outcomes;
    private readonly ILookup<(string, string), TraceEvent> _records;

    private TraceImporter(TraceData data, TraceImportOptions options)
    {
        _finder = new RunFinder(data);
        _outcomes = new OutcomeFinder(data, options, _finder.Root);
        _records = data.Events.ToLookup(record => (record.TraceId, record.SpanId));
    }

    public static TraceImport Import(TraceData data, TraceImportOptions options)
    {
        var importer = new TraceImporter(data, options);
        var rows = importer._finder.Find().SelectMany(importer.Rows).ToList();
        return new TraceImport(rows, importer._leftOut, importer._withoutOutcome);
    }

    private static void Count(OrderedDictionary<string, int> counts, string reason) =>
        counts[reason] = counts.GetValueOrDefault(reason) + 1;

    /// <summary>A run's trajectory; of answers without an agent one for each conversation.</summary>
    private List<JsonObject> Rows(AgentRun run)
    {
        try
        {
            var exchanges = Exchanges(run);
            if (exchanges.Count == 0)
            {
                if (!run.HasAgents || run.Chats.Count > 0)
                {
                    Count(_leftOut, $"no messages in its spans: {run.First.Convention.ContentSwitch}");
                }

                return [];
            }

            var told = run.IsAgent ? [exchanges.MaxBy(exchange => exchange.Exchange.Input.Count)] : Longest(exchanges);
            return [.. told.Select(exchange => Row(run, exchange.Span, exchange.Exchange)).OfType<JsonObject>()];
        }
        catch (FormatException e)
        {
            Count(_leftOut, e.Message);
            return [];
        }
    }

    private List<(TraceSpan Span, Exchange Exchange)> Exchanges(AgentRun run)
    {
        var exchanges = run.Chats.Select(chat => (chat.Span, Exchange: Read(chat))).Where(read => read.Exchange is not null).ToList();
        if (exchanges.Count == 0 && run.IsAgent && Read(run.First) is { } own)
        {
            exchanges.Add((run.First.Span, own));
        }

        return exchanges!;
    }

    private Exchange? Read(KnownSpan known) =>
        known.Convention.Read(known.Span, [.. known.Span.Events, .. _records[(known.Span.TraceId, known.Span.SpanId)]]);

    /// <summary>Exchanges that no later one repeats.</summary>
    private static List<(TraceSpan Span, Exchange Exchange)> Longest(List<(TraceSpan Span, Exchange Exchange)> exchanges) =>
        [.. exchanges.Where((exchange, i) => !exchanges.Where((_, j) => j != i).Any(other =>
            Repeats(other.Exchange.Input, [.. exchange.Exchange.Input, .. exchange.Exchange.Output])))];

    private static bool Repeats(IReadOnlyList<JsonObject> messages, IReadOnlyList<JsonObject> earlier) =>
        messages.Count >= earlier.Count && messages.Zip(earlier).All(pair => JsonNode.DeepEquals(pair.First["role"], pair.Second["role"])
            && JsonNode.DeepEquals(pair.First["content"], pair.Second["content"]));

    private JsonObject? Row(AgentRun run, TraceSpan span, Exchange exchange)
    {
        List<JsonObject> messages = [.. exchange.Input, .. exchange.Output];
        AddReplies(run, messages);
        if (!messages.Any(message => (string?)message["role"] == Roles.Assistant))
        {
            Count(_leftOut, "the agent says nothing in it");
            return null;
        }

        var row = new JsonObject { ["messages"] = new JsonArray([.. messages.Select(message => message.DeepClone())]) };
        if ((exchange.Tools ?? (run.IsAgent ? Read(run.First)?.Tools : null)) is { } tools)
        {
            row["tools"] = tools.DeepClone();
        }

        AddAbout(row, run, span);
        var verdict = _outcomes.Of(run);
        if (verdict.Reward is { } reward)
        {
            row["info"] = verdict.Explanation is { } explanation
                ? new JsonObject { ["reward"] = reward, ["explanation"] = explanation } : new JsonObject { ["reward"] = reward };
        }
        else
        {
            Count(_withoutOutcome, verdict.Why!);
        }

        return row;
    }

    /// <summary>Adds the replies to the last calls, where the tools' spans tell them and no further question repeats them.</summary>
    private static void AddReplies(AgentRun run, List<JsonObject> messages)
    {
        var replies = run.Tools.Select(tool => tool.Convention.Reply(tool.Span)).OfType<ToolReply>().ToList();
        foreach (var call in messages is [.., { } last] ? last["tool_calls"] as JsonArray ?? [] : [])
        {
            var index = replies.FindIndex(reply => reply.CallId == (string?)call?["id"]);
            if (index >= 0)
            {
                messages.Add(MessageReader.Reply(replies[index].CallId, (string?)call!["function"]!["name"], replies[index].Content));
            }
        }
    }

    private static void AddAbout(JsonObject row, AgentRun run, TraceSpan span)
    {
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                row[name] = value;
            }
        }

        var first = run.First.Span;
        Add("source", first.Text("gen_ai.agent.name") ?? first.Text("agent.name") ?? first.Text("ai.telemetry.functionId")
            ?? TraceValues.Text(first.Resource.GetValueOrDefault("service.name")));
        Add("model", span.Text("gen_ai.response.model") ?? span.Text("gen_ai.request.model") ?? span.Text("llm.model_name")
            ?? span.Text("ai.model.id"));
        Add("conversation_id", ConversationName.Of(first));
        Add("trace_id", first.TraceId);
        Add("span_id", first.SpanId);
    }
}
