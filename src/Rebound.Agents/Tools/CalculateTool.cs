using Rebound.Agents.Calculation;

namespace Rebound.Agents.Tools;

/// <summary>The calculator as a tool. A wrong expression is observed as a line that begins with <c>Error:</c>, and the episode goes on.</summary>
public sealed class CalculateTool : ITool
{
    public string Name => "calculate";

    public string Description => "calculates the result of an expression";

    public Task<string> InvokeAsync(string argument, CancellationToken cancellation = default) =>
        Task.FromResult(Calculator.Calculate(argument));
}
