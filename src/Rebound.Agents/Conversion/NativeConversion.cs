using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;
using Rebound.Files.Json;
using Rebound.Trajectories;
using Rebound.Trajectories.Chat;
using Rebound.Trajectories.Parsing;

namespace Rebound.Agents.Conversion;

/// <summary>
/// Converts text actions to native calls: <c>finish</c> to a call of <see cref="FinishTool"/>, observations to tool turns. Turns that
/// already call natively are unchanged.
/// </summary>
public static partial class NativeConversion
{
    /// <summary>The names of the arguments of Rebound's own tools; other tools' one text is their <see cref="Input"/>.</summary>
    private static readonly Dictionary<string, string> ArgumentNames = new(StringComparer.Ordinal)
    {
        ["calculate"] = "expression",
        ["search"] = "query",
        [ToolSet.Finish] = "answer",
    };

    private const string Input = "input";

    /// <summary>The trajectory with native calls; as it is where nothing in it is an action.</summary>
    public static Trajectory Convert(Trajectory trajectory)
    {
        var (turns, called, calls) = (new List<Turn>(), new OrderedDictionary<string, HashSet<string>>(), 0);
        var open = default(string);
        foreach (var turn in trajectory.Turns)
        {
            if (turn.Role == Roles.Assistant && turn.ToolCalls.Count == 0
                && TolerantActions.Parse(turn.Content, []) is { IsWellFormed: true } action)
            {
                var call = ToolCalls.Named(Call(action), ++calls);
                called.TryAdd(call.Name, []);
                called[call.Name].UnionWith(
                    ToolArguments.ReadObject(call.Name, call.Arguments).EnumerateObject().Select(member => member.Name));
                turns.Add(turn with
                {
                    Content = Thought().Replace(action.Thought, "").Trim(),
                    ToolCalls = [call],
                    Generated = null,
                });
                open = call.Id;
            }
            else if (open is not null && turn.Role == Roles.User
                && turn.Content.StartsWith(AgentLoop.Observation.TrimEnd(), StringComparison.Ordinal))
            {
                turns.Add(ChatMessages.ToolReply(open, turn.Content[AgentLoop.Observation.TrimEnd().Length..].TrimStart()));
                open = null;
            }
            else
            {
                turns.Add(turn);
                open = null;
            }
        }

        return calls == 0 ? trajectory : trajectory with { Turns = turns, Tools = trajectory.Tools ?? Schemas(called) };
    }

    private static ToolCall Call(ParsedTurn action)
    {
        var (tool, argument) = (action.Finishes ? ToolSet.Finish : action.Tool!, action.Argument!);
        return new ToolCall(null, tool, ToolArguments.IsObject(argument)
            ? argument
            : new JsonObject { [ArgumentNames.GetValueOrDefault(tool, Input)] = argument }.ToJsonString());
    }

    /// <summary>Schemas of the tools, inferred from their calls, and of <c>finish</c>.</summary>
    private static JsonElement Schemas(OrderedDictionary<string, HashSet<string>> called) => StrictJson.Element(new JsonArray(
    [
        .. called.Where(tool => tool.Key != ToolSet.Finish).Select(tool => (JsonNode)new JsonObject
        {
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = tool.Key,
                ["description"] = tool.Key switch
                {
                    "calculate" => new CalculateTool().Description,
                    "search" => "searches for a query and returns short snippets that may contain the answer",
                    _ => "",
                },
                ["parameters"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject(tool.Value.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonObject
                    {
                        ["type"] = ArgumentNames.ContainsValue(name) || name == Input
                            ? "string"
                            : new JsonArray("string", "number", "boolean", "object", "array", "null"),
                    }))),
                },
            },
        }),
        StrictJson.Node(ToolSchemas.Of([FinishTool.Declaration])[0]),
    ]));

    [GeneratedRegex(@"^\s*Thought\s*\d*\s*:\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Thought();
}
