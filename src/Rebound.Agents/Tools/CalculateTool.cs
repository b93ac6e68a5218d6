using Rebound.Calculation;

namespace Rebound.Agents.Tools;

/// <summary>
/// The calculator as a tool. A wrong expression is observed as a line that begins with <c>Error:</c>, and the episode goes on.
/// </summary>
public sealed class CalculateTool() : TextTool(
    "calculate", "calculates the result of an expression", "expression", "an arithmetic expression, without units or words")
{
    public override Task<string> InvokeAsync(string text, CancellationToken cancellation = default) =>
        Task.FromResult(Calculator.Calculate(text));
}
