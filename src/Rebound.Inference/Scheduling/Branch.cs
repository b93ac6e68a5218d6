namespace Rebound.Inference.Scheduling;

/// <summary>
/// One condition that a sequence is decoded under: a prompt, the tokens generated after it, and the pages that hold keys and
/// values. A sequence has one, and under guidance two.
/// </summary>
internal sealed class Branch
{
    private readonly int[] _tokens;

    /// <param name="added">Most tokens that are added to the prompt.</param>
    public Branch(int[] prompt, int added)
    {
        _tokens = new int[prompt.Length + added];
        prompt.CopyTo(_tokens, 0);
        PromptLength = Length = prompt.Length;
    }

    public int PromptLength { get; }

    /// <summary>Prompt and what is generated so far.</summary>
    public ReadOnlyMemory<int> Tokens => _tokens.AsMemory(0, Length);

    /// <summary>Tokens so far.</summary>
    public int Length { get; private set; }

    public bool IsFull => Length == _tokens.Length;

    /// <summary>The last token is never fed back, so its keys and values need no place.</summary>
    public int MostPages => BlockTable.PagesFor(_tokens.Length - 1);

    public BlockTable Blocks { get; } = new();

    /// <summary>The first tokens, whose keys and values lie in <see cref="Blocks"/>.</summary>
    public int Computed { get; private set; }

    /// <summary>Tokens after those that the next step computes.</summary>
    public int Scheduled { get; set; }

    /// <summary>Tokens that are still to be computed before the next one can be chosen.</summary>
    public int Remaining => Length - Computed;

    /// <summary>Pages that are lacking for the tokens so far.</summary>
    public int MissingPages => BlockTable.PagesFor(Length) - Blocks.Pages.Count;

    public void Append(int token) => _tokens[Length++] = token;

    /// <summary>The pages hold so many of the tokens now.</summary>
    public void Advance(int computed) => (Computed, Scheduled) = (computed, 0);
}
