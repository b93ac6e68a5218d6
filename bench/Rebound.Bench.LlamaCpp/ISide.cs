namespace Rebound.Bench.LlamaCpp;

/// <summary>A program that reads a prompt and writes tokens greedily.</summary>
internal interface ISide : IDisposable
{
    string Name { get; }

    /// <summary>Time to the first token, and of each token after it.</summary>
    (Lap Prompt, Lap Token) Run(int[] prompt, int tokens);
}
