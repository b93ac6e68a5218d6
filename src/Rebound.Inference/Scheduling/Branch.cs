namespace Rebound.Inference.Scheduling;

/// <summary>
/// One condition that a sequence is decoded under: a prompt, the tokens generated after it, and the pages that hold keys and
/// values. A sequence has one, and under guidance two.
/// </summary>
internal sealed class Branch
{
    private readonly int[] _tokens;
    private int _known;

    /// <param name="added">Most tokens that are added to the prompt.</param>
    public Branch(int[] prompt, int added)
    {
        _tokens = new int[prompt.Length + added];
        prompt.CopyTo(_tokens, 0);
        PromptLength = Length = _known = prompt.Length;
    }

    public int PromptLength { get; }

    /// <summary>Prompt and what is generated so far, as far as it is known.</summary>
    public ReadOnlyMemory<int> Tokens => _tokens.AsMemory(0, _known);

    /// <summary>Tokens so far; the last ones may still be being drawn.</summary>
    public int Length { get; private set; }

    /// <summary>Whether the last token is being drawn, and not known yet.</summary>
    public bool IsAwaiting => _known < Length;

    public bool IsFull => Length == _tokens.Length;

    /// <summary>Whether it is full, and the last token is known.</summary>
    public bool IsComplete => _known == _tokens.Length;

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

    /// <summary>A token more is being drawn.</summary>
    public void Expect() => Length++;

    /// <summary>The first of the tokens that were expected is known.</summary>
    public void Take(int token) => _tokens[_known++] = token;

    /// <summary>The tokens that the next step computes; one that is not known yet is 0.</summary>
    public ReadOnlySpan<int> ScheduledTokens => _tokens.AsSpan(Computed, Scheduled);

    /// <summary>The pages hold so many of the tokens now.</summary>
    public void Advance(int computed) => (Computed, Scheduled) = (computed, 0);
}
