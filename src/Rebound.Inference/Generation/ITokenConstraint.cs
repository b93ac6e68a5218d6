namespace Rebound.Inference.Generation;

/// <summary>Holds what is generated to a form: it says before each token which ones may come.</summary>
public interface ITokenConstraint
{
    /// <summary>A text of its own, for one sequence.</summary>
    /// <param name="stopTokens">The tokens that end the sequence.</param>
    /// <param name="vocabulary">V of the model.</param>
    /// <exception cref="ArgumentException">It cannot hold a text of these tokens to its form.</exception>
    IConstrainedText Begin(IReadOnlyCollection<int> stopTokens, int vocabulary);
}

/// <summary>A text while it is generated under a constraint.</summary>
public interface IConstrainedText
{
    /// <summary>The tokens that may come next: [⌈V / 64⌉], token t is bit t mod 64 of word t / 64. At least one is set.</summary>
    ReadOnlyMemory<ulong> Allowed { get; }

    /// <summary>Takes a token that was allowed.</summary>
    void Advance(int token);
}
