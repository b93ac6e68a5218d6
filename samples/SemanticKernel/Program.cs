// A prompt of Semantic Kernel with a function in C#, on a model in this process: SemanticKernel MODEL QUESTION
using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Rebound.Extensions.AI;

var builder = Kernel.CreateBuilder();
builder.Services.AddReboundChatClient(args[0]).UseKernelFunctionInvocation();
builder.Plugins.AddFromFunctions("Stock", [KernelFunctionFactory.CreateFromMethod(Stock.Look)]);
var kernel = builder.Build();

var settings = new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Required() };
Console.WriteLine(await kernel.InvokePromptAsync("Look into the stock: {{$question}}", new(settings) { ["question"] = args[1] }));

[JsonConverter(typeof(JsonStringEnumConverter<Part>))] // Semantic Kernel reads no names of values by itself.
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
