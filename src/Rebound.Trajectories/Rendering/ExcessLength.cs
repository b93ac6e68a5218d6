namespace Rebound.Trajectories.Rendering;

/// <summary>The treatment of a document longer than the context.</summary>
public enum ExcessLength
{
    /// <summary>Keep its first tokens.</summary>
    Truncate,

    /// <summary>Leave it out.</summary>
    Drop,

    /// <summary>Stop.</summary>
    Error,
}

/// <summary>Applies an <see cref="ExcessLength"/> policy and counts what it did.</summary>
public sealed class LengthLimit(int maxLength, ExcessLength policy)
{
    public int MaxLength { get; } = maxLength;

    public ExcessLength Policy { get; } = policy;

    /// <summary>Documents that were longer than <see cref="MaxLength"/>.</summary>
    public int Exceeding { get; private set; }

    /// <summary>Length in tokens of the longest document seen, before any cut.</summary>
    public int Longest { get; private set; }

    /// <summary>Takes the counts of documents that were limited before.</summary>
    internal void Restore(int exceeding, int longest) => (Exceeding, Longest) = (exceeding, longest);

    /// <summary>The document as the policy leaves it; null when it is dropped.</summary>
    /// <exception cref="ExcessLengthException">
    /// The document is too long and the policy is <see cref="ExcessLength.Error"/>.
    /// </exception>
    public TokenizedDocument? Apply(TokenizedDocument document)
    {
        var length = document.Length;
        Longest = Math.Max(Longest, length);
        if (length <= MaxLength)
        {
            return document;
        }

        Exceeding++;
        return Policy switch
        {
            ExcessLength.Truncate => document.Truncate(MaxLength),
            ExcessLength.Drop => null,
            _ => throw new ExcessLengthException(document.Id, length, MaxLength),
        };
    }
}

/// <summary>A document is longer than allowed, under <see cref="ExcessLength.Error"/>.</summary>
public sealed class ExcessLengthException(string id, int length, int maxLength)
    : Exception($"Trajectory {id} has {length} tokens, and at most {maxLength} are allowed.");
