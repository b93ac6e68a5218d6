using System.Text.Json.Nodes;
using Rebound.Agents.Chat;
using Rebound.Cli.Terminal;
using Rebound.Files.Json;
using Rebound.Trajectories;

namespace Rebound.Cli.Chat;

/// <summary>A chat as JSON lines: a trajectory for every question, with <c>answer</c>, <c>detail</c> and <c>usage</c>.</summary>
internal sealed class ChatJson(CommandTerminal terminal) : IChatView
{
    public void Asked()
    {
    }

    public void Wrote(string text)
    {
    }

    public void Reasoned(string text)
    {
    }

    public void WroteReasoning()
    {
    }

    public void Said(Turn turn)
    {
    }

    public void Observed(Turn turn)
    {
    }

    public void Show(ChatExchange exchange, bool hasTools)
    {
        var row = exchange.ToJson();
        row["answer"] = exchange.Answer;
        row["usage"] = new JsonObject
        {
            ["input_tokens"] = exchange.InputTokens,
            ["output_tokens"] = exchange.OutputTokens,
            ["seconds"] = Math.Round(exchange.Duration.TotalSeconds, 3),
        };
        if (exchange.Detail is { } detail)
        {
            row["detail"] = detail;
        }

        terminal.Output.WriteLine(row.ToJsonString(JsonOutput.OneLine));
        terminal.Output.Flush();
    }

    public void Stopped() => terminal.Note("Stopped.");

    public void Reply(string text) => terminal.Note(text);
}
