using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Tools;

/// <summary>The tool by which an agent that calls tools natively gives its answer.</summary>
public static class FinishTool
{
    /// <summary>The declaration of <c>finish</c> for the model: one argument, <c>answer</c>.</summary>
    public static AIFunctionDeclaration Declaration { get; } = AIFunctionFactory.CreateDeclaration(
        ToolSet.Finish,
        "gives the final answer and ends the work",
        JsonSerializer.SerializeToElement(new
        {
            type = "object",
            properties = new { answer = new { type = "string", description = "the answer, and nothing else" } },
            required = new[] { "answer" },
        }));

    /// <summary>
    /// The answer of a call, whatever its JSON type and, if it is all that the call gives, its name; null where it gives none.
    /// </summary>
    /// <exception cref="ToolArgumentException">The arguments are no JSON object.</exception>
    public static string? Answer(string arguments)
    {
        var given = ToolArguments.ReadObject(ToolSet.Finish, arguments);
        var members = given.EnumerateObject().ToArray();
        return given.TryGetProperty("answer", out var answer) ? Text(answer) : members.Length == 1 ? Text(members[0].Value) : null;
    }

    private static string Text(JsonElement answer) => answer.ValueKind == JsonValueKind.String ? answer.GetString()! : answer.GetRawText();
}
