using Rebound.Agents.Episodes;
using Rebound.Agents.Tools;
using Rebound.Server.Agents;
using Rebound.Trajectories;

namespace Rebound.Server.Tests;

/// <summary>The events of an agent that writes its actions as text, and of one that reasons.</summary>
public sealed class AgentEventsTests
{
    [Fact]
    public void Thought_and_action_are_told_apart_and_the_action_is_a_call()
    {
        var told = Told(events =>
        {
            events.Asked();
            events.Wrote("Thought: two less");
            events.Wrote("\nAct");
            events.Wrote("ion: calculate[6-2]");
            events.Said(new Turn(Roles.Assistant, "Thought: two less\nAction: calculate[6-2]", Loss: true));
            events.Observed(new Turn(Roles.User, "Observation: 4", Loss: false));
        });

        Assert.Equal(
            ["run.created", "turn.created", "turn.thought.delta two less\n", "turn.action.delta calculate[6-2]"],
            Merged(told[..^2]));
        Assert.Equal("""[{"id":null,"name":"calculate","arguments":"6-2"}]""", told[^2]["calls"]!.ToJsonString());
        Assert.Equal(("calculate", "4"), ((string?)told[^1]["name"], (string?)told[^1]["content"]));
    }

    [Fact]
    public void Text_that_turns_out_to_be_reasoning_is_told_so()
    {
        var told = Told(events =>
        {
            events.Asked();
            events.Wrote("Hm.");
            events.WroteReasoning();
            events.Reasoned("More.");
            events.Wrote("Yes.");
        });

        Assert.Equal(
            ["run.created", "turn.created", "turn.text.delta Hm.", "turn.reasoning", "turn.reasoning.delta More.", "turn.text.delta Yes."],
            Merged(told));
    }

    private static List<System.Text.Json.Nodes.JsonObject> Told(Action<AgentEvents> work)
    {
        var events = new AgentEvents(() => [], new ToolSet(new CalculateTool()), ToolFormat.React, ActionParsing.Tolerant);
        work(events);
        events.End(null);
        var told = new List<System.Text.Json.Nodes.JsonObject>();
        while (events.Events.TryRead(out var next))
        {
            told.Add(next);
        }

        return told;
    }

    /// <summary>Types and what they add, pieces of one kind in one.</summary>
    private static List<string> Merged(IEnumerable<System.Text.Json.Nodes.JsonObject> told)
    {
        var merged = new List<(string Type, string Text)>();
        foreach (var one in told)
        {
            var (type, text) = ((string)one["type"]!, (string?)one["delta"] ?? "");
            if (merged is [.., var last] && last.Type == type && text.Length > 0)
            {
                merged[^1] = (type, last.Text + text);
            }
            else
            {
                merged.Add((type, text));
            }
        }

        return [.. merged.Select(one => one.Text.Length > 0 ? $"{one.Type} {one.Text.TrimStart(' ')}" : one.Type)];
    }
}
