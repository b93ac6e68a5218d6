namespace Rebound.Calculation;

/// <summary>An expression that cannot be calculated; the message is what the agent observes after <c>Error: </c>.</summary>
internal sealed class CalculationException(string message) : Exception(message);
