using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Tools;

/// <summary>A tool that takes one text, as in <c>Action: name[text]</c>, and returns text.</summary>
/// <param name="argument">The name of its argument where it is called with named ones.</param>
/// <param name="meaning">A description of the argument, in a line.</param>
public abstract class TextTool(string name, string description, string argument, string meaning) : AIFunction
{
    public override string Name => name;

    public override string Description => description;

    /// <summary>An object with the one argument.</summary>
    public override JsonElement JsonSchema { get; } = JsonSerializer.SerializeToElement(new JsonObject
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { [argument] = new JsonObject { ["type"] = "string", ["description"] = meaning } },
        ["required"] = new JsonArray(argument),
    });

    /// <summary>Runs the tool; the result is the observation.</summary>
    /// <exception cref="ToolException">The tool could not do its work.</exception>
    public abstract Task<string> InvokeAsync(string text, CancellationToken cancellation = default);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        await InvokeAsync(ToolArguments.Text(arguments), cancellationToken);
}
