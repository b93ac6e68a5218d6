namespace Rebound.Bench.LlamaCpp;

/// <summary>A program that reads prompts and writes tokens after all of them at once, greedily.</summary>
internal interface ISide : IDisposable
{
    string Name { get; }

    /// <summary>Time until every prompt has its first token, and of each token after that, of whichever prompt.</summary>
    /// <param name="tokens">For each prompt.</param>
    (Lap Prompts, Lap Token) Run(int[][] prompts, int tokens);
}
