using System.Runtime.CompilerServices;

namespace Rebound.Jinja.Values;

/// <summary>Turns nesting too deep for the thread's stack into an error instead of a crash.</summary>
internal static class StackGuard
{
    public static void Check()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Fault.Limit("maximum recursion depth exceeded");
        }
    }
}
