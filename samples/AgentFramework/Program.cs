// An agent of Microsoft's Agent Framework with a tool in C#, on a model in this process: AgentFramework MODEL QUESTION…
using System.ComponentModel;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Rebound.Extensions.AI;

var services = new ServiceCollection();
services.AddReboundChatClient(args[0]);
await using var provider = services.BuildServiceProvider();

var agent = new ChatClientAgent(provider.GetRequiredService<IChatClient>(), new ChatClientAgentOptions
{
    Name = "clerk",
    ChatOptions = new ChatOptions
    {
        Instructions = "You know what is in stock.",
        Tools = [AIFunctionFactory.Create(Stock.Look)],
        ToolMode = ChatToolMode.RequireAny, // It looks before it answers, once.
        AllowMultipleToolCalls = false,
        MaxOutputTokens = 100,
    },
});
var session = await agent.CreateSessionAsync();
foreach (var question in args[1..])
{
    Console.WriteLine($"{question}\n{await agent.RunAsync(question, session)}");
}

internal enum Part { Bolts, Nuts, Pins }

internal static class Stock
{
    [Description("How many pieces of a part there are")]
    public static int Look(Part part)
    {
        Console.WriteLine($"(looks for {part})");
        return part switch { Part.Bolts => 40, Part.Nuts => 12, _ => 7 };
    }
}
